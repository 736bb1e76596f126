import { AnonymousFailures } from '../../src/access-log/anonymous-failures.js';
import type { EntryDraft } from '../../src/access-log/entry.js';
import type { AccessLog } from '../../src/access-log/writer.js';

/** A log in memory that can be made to refuse. */
function memoryLog() {
  const entries: EntryDraft[] = [];
  const state = { refuse: false };
  const append = async (draft: EntryDraft): Promise<number> => {
    if (state.refuse) throw new Error('refused by the test');
    return entries.push(draft);
  };
  return { log: { append } as unknown as AccessLog, entries, state };
}

test('failures of one source and error are one entry with their number', async () => {
  const { log, entries } = memoryLog();
  const failures = new AnonymousFailures(log, true, () => undefined);
  for (let i = 0; i < 1_000; i++) failures.count('192.0.2.1', 'PV1005');
  failures.count('192.0.2.1', 'PV1011');
  await failures.flush();
  expect(entries.map((entry) => [entry.remote_addr, entry.error_code, entry.count])).toEqual([
    ['192.0.2.1', 'PV1005', 1_000],
    ['192.0.2.1', 'PV1011', 1],
  ]);
  await failures.flush();
  expect(entries).toHaveLength(2);
});

test('addresses are left out unless recording them is switched on', async () => {
  const { log, entries } = memoryLog();
  const failures = new AnonymousFailures(log, false, () => undefined);
  failures.count('192.0.2.1', 'PV1005');
  await failures.flush();
  expect(entries[0]!.remote_addr).toBeUndefined();
});

test('a flood from addresses without number is a thousand entries and one for the rest, none forgotten', async () => {
  const { log, entries } = memoryLog();
  const failures = new AnonymousFailures(log, true, () => undefined);
  for (let i = 0; i < 50_000; i++) failures.count(`2001:db8:${i.toString(16)}::/56`, 'PV1005');
  await failures.flush();
  expect(entries).toHaveLength(1_001);
  expect(entries.reduce((sum, entry) => sum + entry.count!, 0)).toBe(50_000);
  expect(entries.filter((entry) => entry.remote_addr === undefined)).toHaveLength(1);
});

test('what could not be written is told to the operator and written with the next window', async () => {
  const { log, entries, state } = memoryLog();
  const lost: unknown[] = [];
  const failures = new AnonymousFailures(log, true, (error) => lost.push(error));
  failures.count('192.0.2.1', 'PV1005');
  state.refuse = true;
  await failures.flush();
  expect(lost).toHaveLength(1);
  state.refuse = false;
  failures.count('192.0.2.1', 'PV1005');
  await failures.flush();
  expect(entries).toMatchObject([{ remote_addr: '192.0.2.1', count: 2 }]);
});
