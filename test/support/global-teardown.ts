import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Contract } from '../../src/generated/contract.js';
import type { OwnPostgres } from './test-postgres.js';

/** The part of jest's own settings that tells a whole run from a part of one. */
interface Run {
  readonly testPathPatterns: { readonly patterns: readonly string[] };
  readonly testNamePattern?: string;
  readonly shard?: unknown;
  readonly onlyChanged: boolean;
  readonly onlyFailures: boolean;
  readonly findRelatedTests: boolean;
  readonly runTestsByPath: boolean;
  readonly watch: boolean;
  readonly watchAll: boolean;
  readonly bail: number;
}

/** What a run need not have met: only damage, or two requests at once, bring it about. */
const BY_CHANCE: ReadonlySet<string> = new Set(['PV3218', 'PV9010']);

/** Ends what global-setup.ts started. Jest loads the two files apart, so the handle travels on the process. */
export default async function globalTeardown(run: Run): Promise<void> {
  const key = Symbol.for('coatcheck.test-postgres');
  const running = (globalThis as Record<symbol, unknown>)[key] as
    { own?: OwnPostgres; stopObserving?: () => ReadonlySet<string> } | undefined;
  const observed = running?.stopObserving?.();
  await running?.own?.remove();
  if (running) delete running.own;
  if (observed && isWhole(run)) requireAll(observed);
}

function isWhole(run: Run): boolean {
  const chosen = run.testPathPatterns.patterns.length > 0 || run.testNamePattern || run.shard || run.bail > 0;
  const narrowed = run.onlyChanged || run.onlyFailures || run.findRelatedTests || run.runTestsByPath;
  return !chosen && !narrowed && !run.watch && !run.watchAll;
}

/** Throws where an error that the contract lists for an operation (status 4xx) was never answered: a promise without a test. */
function requireAll(observed: ReadonlySet<string>): void {
  const file = path.join(import.meta.dirname, '../../src/generated/contract.json');
  const { operations, errorCodes } = JSON.parse(readFileSync(file, 'utf8')) as Contract;
  const missing = Object.values(operations)
    .flatMap(({ operationId, errors }) => errors.map((code) => ({ operationId, code })))
    .filter(({ code }) => errorCodes[code]!.status < 500 && !BY_CHANCE.has(code))
    .map(({ operationId, code }) => `${operationId} ${code}`)
    .filter((line) => !observed.has(line));
  if (missing.length > 0) {
    throw new Error(`Errors that docs/ERRORS.md lists and no test met:\n${missing.join('\n')}`);
  }
}
