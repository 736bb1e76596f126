import { PassThrough } from 'node:stream';
import type { AccessLog } from '../../src/access-log/writer.js';
import { createLogger } from '../../src/logger.js';
import type { Vault } from '../../src/operations/vault.js';
import { type Findings, hearFindings, tellFindings } from '../../src/startup/findings.js';
import { IntegrityAlarms } from '../../src/startup/integrity-alarms.js';

/* A check of the whole log is made once a day: a worker that dies must not take with it what was found. */

const VAULT = { witnesses: [] } as unknown as Vault;
const entries: unknown[] = [];
const accessLog = { append: async (entry: unknown) => entries.push(entry) } as unknown as AccessLog;
const log = createLogger('error', new PassThrough(), {});
let told: Findings | null = null;

function worker(isFirst: boolean): IntegrityAlarms {
  const alarms = new IntegrityAlarms(accessLog, log);
  (isFirst ? tellFindings : hearFindings)(VAULT, alarms, {
    known: told,
    tellFindings: (findings) => (told = structuredClone(findings)),
    onFindings: () => undefined,
  });
  return alarms;
}

test('a worker that takes the place of another knows what was found, until the check finds it put right', async () => {
  await worker(true).raise('log', ['wrong at index 7']);
  expect(worker(false).problems).toEqual(['wrong at index 7']);

  const next = worker(true);
  await next.raise('checkpoints', []);
  expect(next.problems).toEqual(['wrong at index 7']);
  expect(worker(false).problems).toEqual(['wrong at index 7']);

  await next.raise('log', ['wrong at index 7']);
  expect(entries).toHaveLength(1);
  await next.raise('log', []);
  expect([next.problems, worker(true).problems, worker(false).problems]).toEqual([[], [], []]);
});
