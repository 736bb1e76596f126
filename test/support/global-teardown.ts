import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Contract } from '../../src/generated/contract.js';
import type { OwnPostgres } from './test-postgres.js';

/** The part of jest's own settings that tells a whole run from a part of one. */
interface Run {
  readonly testPathPatterns: { readonly patterns: readonly string[] };
  readonly testNamePattern?: string;
  readonly shard?: unknown;
}

/** Ends what global-setup.ts started. Jest loads the two files apart, so the handle travels on the process. */
export default async function globalTeardown(run: Run): Promise<void> {
  const key = Symbol.for('coatcheck.test-postgres');
  const running = (globalThis as Record<symbol, unknown>)[key] as
    { own?: OwnPostgres; stopObserving?: () => ReadonlySet<string> } | undefined;
  const observed = running?.stopObserving?.();
  await running?.own?.remove();
  if (running) delete running.own;
  if (observed && isWhole(run) && process.env.COATCHECK_TEST_ERRORS === '1') requireAll(observed);
}

function isWhole({ testPathPatterns, testNamePattern, shard }: Run): boolean {
  return testPathPatterns.patterns.length === 0 && !testNamePattern && !shard;
}

/**
 * Throws where an error that the contract lists for an operation (status 4xx) was never answered. Conflicts are left out: some come about only when two
 * requests meet.
 */
function requireAll(observed: ReadonlySet<string>): void {
  const file = path.join(import.meta.dirname, '../../src/generated/contract.json');
  const { operations, errorCodes } = JSON.parse(readFileSync(file, 'utf8')) as Contract;
  const missing = Object.values(operations)
    .flatMap(({ operationId, errors }) => errors.map((code) => ({ operationId, code })))
    .filter(({ code }) => errorCodes[code]!.status < 500 && errorCodes[code]!.status !== 409)
    .map(({ operationId, code }) => `${operationId} ${code}`)
    .filter((line) => !observed.has(line));
  if (missing.length > 0) {
    throw new Error(`Errors that docs/ERRORS.md lists and no test met:\n${missing.join('\n')}`);
  }
}
