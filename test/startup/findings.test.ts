import { PassThrough } from 'node:stream';
import { WitnessClient } from '../../src/access-log/witness/client.js';
import type { AccessLog } from '../../src/access-log/writer.js';
import { createLogger } from '../../src/logger.js';
import { type Findings, hearFindings, tellFindings } from '../../src/startup/findings.js';
import { IntegrityAlarms } from '../../src/startup/integrity-alarms.js';
import { Database } from '../../src/store/database.js';

/* A check of the whole log is made once a day: a worker that dies must not take with it what was found. */

// Nothing here asks it.
const database = new Database({
  ...{ url: 'postgres://nobody@127.0.0.1:1/none', poolSize: 1, statementTimeoutMs: 1, lockTimeoutMs: 1 },
  onConnectionError: () => undefined,
});
afterAll(() => database.close());

const entries: unknown[] = [];
const accessLog = { append: async (entry: unknown) => entries.push(entry) } as unknown as AccessLog;
const log = createLogger('error', new PassThrough(), {});
let told: Findings | null = null;
let hear: (findings: Findings) => void = () => undefined;

/** What a worker knows of the checks. */
function worker(isFirst: boolean): { alarms: IntegrityAlarms; witness: WitnessClient } {
  const alarms = new IntegrityAlarms(accessLog, log);
  const key = { name: 'w', type: 4, publicKey: Buffer.alloc(32) } as never;
  const witness = new WitnessClient(database, { url: 'http://127.0.0.1:1', key });
  (isFirst ? tellFindings : hearFindings)({ witnesses: [witness] }, alarms, {
    known: told,
    tellFindings: (findings) => hear((told = structuredClone(findings))),
    onFindings: (listener) => (hear = listener),
  });
  return { alarms, witness };
}

test('a worker that takes the place of another knows what was found, until the check finds it put right', async () => {
  const problemsOf = ({ alarms }: ReturnType<typeof worker>): readonly string[] => alarms.problems;
  await worker(true).alarms.raise('log', ['wrong at index 7']);
  expect(problemsOf(worker(false))).toEqual(['wrong at index 7']);

  const next = worker(true);
  await next.alarms.raise('checkpoints', []);
  expect(problemsOf(next)).toEqual(['wrong at index 7']);
  expect(problemsOf(worker(false))).toEqual(['wrong at index 7']);

  await next.alarms.raise('log', ['wrong at index 7']);
  expect(entries).toHaveLength(1);
  await next.alarms.raise('log', []);
  expect([problemsOf(next), problemsOf(worker(true)), problemsOf(worker(false))]).toEqual([[], [], []]);
});

test('a worker that checks nothing hears how the witnesses did, and that it is over', async () => {
  const [first, other] = [worker(true), worker(false)];
  first.witness.learn({ problem: 'it knows another log', refused: true });
  await first.alarms.raise('checkpoints', []);
  expect(other.witness).toMatchObject({ problem: 'it knows another log', refused: true });
  first.witness.learn({ problem: null, refused: false });
  await first.alarms.raise('checkpoints', []);
  expect(other.witness).toMatchObject({ problem: null, refused: false });
});
