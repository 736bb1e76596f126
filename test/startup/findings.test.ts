import { WitnessClient } from '../../src/access-log/witness/client.js';
import { AccessLog } from '../../src/access-log/writer.js';
import { createLogger } from '../../src/logger.js';
import { type Findings, hearFindings, tellFindings } from '../../src/startup/findings.js';
import { IntegrityAlarms } from '../../src/startup/integrity-alarms.js';
import { Database } from '../../src/store/database.js';

// Nothing here asks it.
const database = new Database({
  ...{ url: 'postgres://nobody@127.0.0.1:1/none', poolSize: 1, statementTimeoutMs: 1, lockTimeoutMs: 1 },
  onConnectionError: () => undefined,
});
afterAll(() => database.close());

/** What a worker knows of the checks. */
function worker() {
  const key = { name: 'w', type: 4, publicKey: Buffer.alloc(32) } as never;
  return {
    alarms: new IntegrityAlarms(new AccessLog(database), createLogger('error', process.stderr)),
    witnesses: [new WitnessClient(database, { url: 'http://127.0.0.1:1', key })],
  };
}

test('a worker that checks nothing knows what the one that does has found, and that it is over', async () => {
  const [first, other] = [worker(), worker()];
  let hear: (findings: Findings) => void = () => undefined;
  const line = {
    tellFindings: (findings: Findings) => hear(findings),
    onFindings: (listener: typeof hear) => (hear = listener),
  };
  tellFindings(first, first.alarms, line);
  hearFindings(other, other.alarms, line);

  first.witnesses[0]!.learn({ problem: 'it knows another log', refused: true });
  first.alarms.learn(['the log is wrong at index 3']);
  await first.alarms.raise('checkpoints', []);
  expect(other.alarms.problems).toEqual(['the log is wrong at index 3']);
  expect(other.witnesses[0]).toMatchObject({ problem: 'it knows another log', refused: true });

  first.witnesses[0]!.learn({ problem: null, refused: false });
  first.alarms.learn([]);
  await first.alarms.raise('checkpoints', []);
  expect(other.alarms.problems).toEqual([]);
  expect(other.witnesses[0]).toMatchObject({ problem: null, refused: false });
});
