import { appendFileSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/*
 * Which errors the tests of a run met, one file per worker. At its end a whole run is held against what the contract lists: an error that is
 * documented and never met is a promise without a test.
 */

const VARIABLE = 'COATCHECK_TEST_OBSERVED';
const seen = new Set<string>();

/** Begins to take notes. Call it before the workers start. @public imported by name at run time */
export function startObserving(): void {
  process.env[VARIABLE] = mkdtempSync(path.join(os.tmpdir(), 'coatcheck-observed-'));
}

/** Notes that an operation answered an error. */
export function observe(operationId: string, code: string): void {
  const directory = process.env[VARIABLE];
  const line = `${operationId} ${code}\n`;
  if (directory === undefined || seen.has(line)) return;
  seen.add(line);
  appendFileSync(path.join(directory, String(process.pid)), line);
}

/** Ends taking notes; returns them as `operationId code`. @public imported by name at run time */
export function stopObserving(): ReadonlySet<string> {
  const directory = process.env[VARIABLE]!;
  const lines = readdirSync(directory).flatMap((file) =>
    readFileSync(path.join(directory, file), 'utf8').trim().split('\n'),
  );
  rmSync(directory, { recursive: true });
  return new Set(lines);
}
