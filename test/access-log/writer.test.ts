import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { type Entry, decodeEntry } from '../../src/access-log/entry.js';
import { appendLeaves, encodeFrontier } from '../../src/access-log/tree.js';
import { verifyLog } from '../../src/access-log/verify.js';
import { AccessLog } from '../../src/access-log/writer.js';
import type { Database } from '../../src/store/database.js';
import { readLog, readLogTexts } from '../../src/store/access-log/read.js';
import { type Superuser, openSuperuser } from '../support/superuser.js';
import { type TestDatabase, cloneDatabase } from '../support/test-postgres.js';
import { draft, openDatabase } from './support.js';

let place: TestDatabase;
let database: Database;
let sql: Superuser;
beforeEach(async () => {
  place = await cloneDatabase();
  database = openDatabase(place.url);
  sql = await openSuperuser(place.url);
});
afterEach(async () => {
  await sql.close();
  await database.close();
  await place.drop();
});

async function entries(): Promise<Entry[]> {
  return (await readLog(database, 0, 100_000)).map(({ bytes }) => decodeEntry(bytes));
}

/** How many transactions have written to the log's head. */
async function batches(): Promise<number> {
  await sql.query('select pg_stat_force_next_flush()');
  const [row] = await sql.query<{ n: string }>(
    `select n_tup_upd as n from pg_stat_user_tables where relname = 'access_log_head'`,
  );
  return Number(row!.n);
}

test('every entry has its own index, from 0 without a gap, in the order in which they were appended', async () => {
  const log = new AccessLog(database);
  const indexes = await Promise.all(Array.from({ length: 1_200 }, (_, n) => log.append(draft(n))));
  expect(indexes).toEqual(Array.from({ length: 1_200 }, (_, n) => n));
  expect((await entries()).map(({ request_id }) => request_id)).toEqual(
    Array.from({ length: 1_200 }, (_, n) => draft(n).request_id),
  );
  expect(await verifyLog(database)).toEqual(expect.objectContaining({ ok: true, size: 1_200 }));
});

test('entries that arrive together share one commit', async () => {
  const log = new AccessLog(database);
  await Promise.all(Array.from({ length: 400 }, (_, n) => log.append(draft(n))));
  // The statistics of the connection that wrote are sent when it goes.
  await database.close();
  const written = await batches();
  database = openDatabase(place.url);
  expect(written).toBeLessThan(20);
});

test('four instances appending at once: no index missing, none given twice, the tree is right', async () => {
  const instances = Array.from({ length: 4 }, () => openDatabase(place.url));
  try {
    const logs = instances.map((instance) => new AccessLog(instance));
    const given = await Promise.all(
      logs.map(async (log, i) => {
        const indexes: number[] = [];
        for (let round = 0; round < 40; round++) {
          const some = Array.from({ length: 5 }, (_, k) => log.append(draft(i * 1_000 + round * 5 + k)));
          indexes.push(...(await Promise.all(some)));
        }
        return indexes;
      }),
    );
    const all = given.flat().sort((a, b) => a - b);
    expect(all).toEqual(Array.from({ length: 800 }, (_, n) => n));
    expect(await verifyLog(database)).toEqual(expect.objectContaining({ ok: true, size: 800 }));
    // What each was told is where its entry stands.
    const rows = await entries();
    given.forEach((indexes, i) =>
      indexes.forEach((index, n) => expect(rows[index]!.request_id).toBe(draft(i * 1_000 + n).request_id)),
    );
  } finally {
    await Promise.all(instances.map((instance) => instance.close()));
  }
});

test('instances wait for each other’s commit also where transactions are serializable by default', async () => {
  const { pathname } = new URL(place.url);
  await sql.query(`alter database ${pathname.slice(1)} set default_transaction_isolation = 'serializable'`);
  const instances = Array.from({ length: 4 }, () => openDatabase(place.url));
  try {
    const logs = instances.map((instance) => new AccessLog(instance));
    const rounds = logs.map(async (log) => {
      for (let n = 0; n < 20; n++) await log.append(draft(n));
    });
    await Promise.all(rounds);
    expect(await entries()).toHaveLength(80);
  } finally {
    await Promise.all(instances.map((instance) => instance.close()));
  }
});

test('an append that fails rejects everybody in the batch with 503 PV9017, and the next one goes on', async () => {
  const log = new AccessLog(database);
  await log.append(draft(0));
  await sql.query('begin');
  await sql.query('lock table access_log in access exclusive mode');
  const refused = await Promise.allSettled(Array.from({ length: 10 }, (_, n) => log.append(draft(n + 1))));
  await sql.query('rollback');
  for (const each of refused) {
    expect(each).toEqual({
      status: 'rejected',
      reason: expect.objectContaining({ code: 'PV9017', status: 503 }),
    });
  }
  expect(await log.append(draft(99))).toBe(1);
  expect(await verifyLog(database)).toEqual(expect.objectContaining({ ok: true, size: 2 }));
});

test('the database carries the tree forward as the vault does, whatever its size', async () => {
  const cases = fc.sample(fc.tuple(fc.oneof(fc.nat(70), fc.bigInt(0n, 2n ** 52n).map(Number)), fc.nat(40)), {
    numRuns: 60,
    seed: 11,
  });
  for (const [size, count] of cases) {
    const hashes = Array.from({ length: [...size.toString(2)].filter((bit) => bit === '1').length }, () =>
      randomBytes(32),
    );
    const leaves = Array.from({ length: count }, () => randomBytes(32));
    const [row] = await sql.query<{ edge: Buffer | null }>('select access_log_frontier($1, $2, $3) as edge', [
      size,
      Buffer.concat(hashes),
      Buffer.concat(leaves),
    ]);
    const wanted = encodeFrontier(appendLeaves({ size, hashes }, leaves));
    expect([size, count, (row!.edge ?? Buffer.alloc(0)).toString('hex')]).toEqual([
      size,
      count,
      wanted.toString('hex'),
    ]);
  }
  await expect(sql.query(`select access_log_frontier(3, '\\x00', '')`)).rejects.toThrow('does not fit');
  await expect(sql.query(`select access_log_frontier(0, '', '\\x00')`)).rejects.toThrow('does not fit');
});

test('behind a head that is not the one it left a writer does not append', async () => {
  const log = new AccessLog(database);
  await log.append(draft(0));
  await sql.query('update access_log_head set size = 7');
  await expect(log.append(draft(1))).rejects.toThrow(expect.objectContaining({ code: 'PV9017' }));
});

test.each<[string, string]>([
  ['removed', 'delete from access_log_head'],
  ['given another size', 'update access_log_head set size = 7'],
  ['given a negative size', 'update access_log_head set size = -1'],
  ['given a broken frontier', `update access_log_head set frontier = '\\x00'`],
])('behind a head that was %s an instance that starts appends nothing', async (_name, statement) => {
  const log = new AccessLog(database);
  await log.append(draft(0));
  await sql.query(statement);
  await expect(new AccessLog(database).append(draft(1))).rejects.toThrow(
    expect.objectContaining({ code: 'PV9017' }),
  );
  expect(await entries()).toHaveLength(1);
});

test('more entries waiting than memory should hold are refused with PV9018', async () => {
  const log = new AccessLog(database);
  const all = await Promise.allSettled(Array.from({ length: 10_050 }, (_, n) => log.append(draft(n))));
  const refused = all.filter((each) => each.status === 'rejected');
  expect(refused).toHaveLength(50);
  for (const { reason } of refused) expect(reason).toEqual(expect.objectContaining({ code: 'PV9018' }));
});

test('flush resolves when what was waiting is durable', async () => {
  const log = new AccessLog(database);
  const appended = Promise.all(Array.from({ length: 50 }, (_, n) => log.append(draft(n))));
  await log.flush();
  expect(await entries()).toHaveLength(50);
  await appended;
  await log.flush();
});

test('free texts stand beside the log, each with a salt of its own, and are not in its bytes', async () => {
  const log = new AccessLog(database);
  const texts = { adhoc_reason: 'because of Canary', custom_audit: 'because of Canary' };
  await Promise.all([log.append(draft(0, { texts })), log.append(draft(1, { texts })), log.append(draft(2))]);

  const kept = await readLogTexts(database, 0, 10);
  expect(kept.map(({ index, kind, text }) => [index, kind, text]).sort()).toEqual([
    [0, 'adhoc_reason', texts.adhoc_reason],
    [0, 'custom_audit', texts.custom_audit],
    [1, 'adhoc_reason', texts.adhoc_reason],
    [1, 'custom_audit', texts.custom_audit],
  ]);
  expect(new Set(kept.map(({ salt }) => salt.toString('hex'))).size).toBe(4);
  const written = await entries();
  const hashes = written.flatMap(({ adhoc_hash, custom_hash }) => [adhoc_hash, custom_hash].filter(Boolean));
  expect(new Set(hashes).size).toBe(4);
  expect(JSON.stringify(written)).not.toContain('Canary');
});

const HOSTILE = [
  'line\r\n2026-01-01 injected',
  '\u001b[31mred\u001b[0m\u0007',
  '","outcome":"allowed","x":"',
  '{"v":1}\n{"v":1}',
  '\u2028\u2029\u0085',
  '</script><!--',
  '😀 \\u0000 \\',
  "'; drop table access_log; --",
  '$1 %s %n',
];
test.each(HOSTILE)('hostile text stays one entry and comes back as it was: %j', async (text) => {
  const log = new AccessLog(database);
  await log.append(
    draft(0, {
      caller_request_id: text,
      rule: text,
      tenants: [text],
      texts: { adhoc_reason: text, custom_audit: text },
    }),
  );
  const [row] = await readLog(database, 0, 2);
  expect(row!.bytes.includes(10)).toBe(false);
  expect(row!.bytes.includes(27)).toBe(false);
  const entry = decodeEntry(row!.bytes);
  expect([entry.caller_request_id, entry.rule, entry.tenants]).toEqual([text, text, [text]]);
  expect((await readLogTexts(database, 0, 1)).map((each) => each.text)).toEqual([text, text]);
  expect(await verifyLog(database)).toEqual(expect.objectContaining({ ok: true }));
});

test('the log refuses to be changed by whoever is not a superuser with the triggers off', async () => {
  const log = new AccessLog(database);
  await log.append(draft(0));
  for (const text of [`update access_log set bytes = ''`, 'delete from access_log', 'truncate access_log']) {
    await expect(database.run({ name: text, text, values: [] })).rejects.toThrow(
      expect.objectContaining({ detail: 'database code 42501' }),
    );
  }
});
