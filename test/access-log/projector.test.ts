import fc from 'fast-check';
import {
  catchUp,
  onProjection,
  postSegments,
  projectEntry,
  rebuildProjection,
} from '../../src/access-log/projector.js';
import { verifyLog } from '../../src/access-log/verify.js';
import { AccessLog } from '../../src/access-log/writer.js';
import {
  analyseProjection,
  clearProjection,
  projectedSize,
  readProjection,
} from '../../src/store/access-log/projection.js';
import { countProjection } from '../../src/store/access-log/count.js';
import type { LogFilter } from '../../src/store/access-log/log-filter.js';
import { searchProjection } from '../../src/store/access-log/search.js';
import { projectEntries } from '../../src/store/access-log/project-entries.js';
import { readLog } from '../../src/store/access-log/read.js';
import type { Database } from '../../src/store/database.js';
import { type Superuser, openSuperuser } from '../support/superuser.js';
import { type TestDatabase, cloneDatabase } from '../support/test-postgres.js';
import { until } from '../support/until.js';
import { draft, openDatabase } from './support.js';

let place: TestDatabase;
let database: Database;
let sql: Superuser;
let log: AccessLog;
beforeEach(async () => {
  place = await cloneDatabase();
  database = openDatabase(place.url);
  sql = await openSuperuser(place.url);
  log = new AccessLog(database);
});
afterEach(async () => {
  await sql.close();
  await database.close();
  await place.drop();
});

async function segmentsOf(size: number): Promise<void> {
  await sql.query('update access_log_posting_head set segment_size = $1', [size]);
}

/** How many segments have postings. */
async function posted(): Promise<number> {
  return Number((await sql.query('select next from access_log_posting_head'))[0]!.next);
}

async function fill(count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, n) => log.append(draft(n))));
}

test('every entry is projected once, with the columns its bytes say, in batches', async () => {
  await fill(1_100);
  await log.append(draft(1_100, { collection: undefined, objects: undefined, outcome: 'denied' }));
  await catchUp(database);
  expect(await projectedSize(database)).toBe(1_101);
  const rows = await readLog(database, 0, 2_000);
  expect(await readProjection(database, 0, 2_000)).toEqual(
    rows.map(({ index, bytes }) => projectEntry(index, bytes)),
  );
});

/** Whatever may stand in a text of the log. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', 'null', '{}', '"', '\\', ' ', 'a.b', 'ssn', 'ssn.mask', '.mask'),
);
const revelations = fc.array(fc.tuple(text, fc.option(text)), { maxLength: 6 });
const anyEntry = fc.record(
  {
    time: fc
      .date({ min: new Date(0), max: new Date('2200-01-01'), noInvalidDate: true })
      .map((d) => d.toISOString()),
    request_id: text,
    caller_request_id: text,
    user: text,
    role: text,
    key_id: text,
    subject: text,
    tenants: fc.array(text),
    operation: text,
    collection: text,
    objects: fc.array(fc.uuid()),
    tokens: fc.array(text),
    asked: revelations,
    revealed: revelations,
    reason: text,
    outcome: fc.constantFrom('allowed', 'masked', 'denied', 'failed'),
    rule: text,
    remote_addr: text,
  },
  { requiredKeys: ['time', 'request_id', 'user', 'role', 'operation', 'outcome'] },
);

test('what the database makes of an entry is what the verification expects, whatever the entry says', async () => {
  const entries = fc.sample(anyEntry, 500);
  await Promise.all(entries.map((entry) => log.append({ ...draft(0), ...entry })));
  expect(await projectEntries(database, 0, entries.length)).toBe(true);
  await segmentsOf(100);
  await postSegments(database);
  expect(await posted()).toBe(5);
  expect(await verifyLog(database)).toMatchObject({ ok: true, size: entries.length });
});

test('what is no text for the database is none in an entry either, and keeps no other from being found', async () => {
  await log.append(draft(0, { user: 'half \ud800 a pair', tenants: ['\0', '\\u0000'] }));
  await catchUp(database);
  expect(await readProjection(database, 0, 1)).toEqual([
    expect.objectContaining({ user: 'half \ufffd a pair', tenants: ['\ufffd', '\\u0000'] }),
  ]);
  expect(await verifyLog(database)).toMatchObject({ ok: true, size: 1 });
});

test('several instances that catch up at once end with one projection', async () => {
  await fill(1_500);
  const instances = Array.from({ length: 4 }, () => openDatabase(place.url));
  try {
    await Promise.all([...instances, ...instances].map((instance) => catchUp(instance)));
    expect(await projectedSize(database)).toBe(1_500);
    expect(await verifyLog(database)).toEqual(expect.objectContaining({ ok: true, size: 1_500 }));
  } finally {
    await Promise.all(instances.map((instance) => instance.close()));
  }
});

test('the planner is told what is there, unless somebody is at it: nobody waits for them', async () => {
  const planned = async (): Promise<unknown> =>
    (await sql.query(`select reltuples from pg_class where relname = 'access_log_projection'`))[0]!.reltuples;
  await fill(20);
  await catchUp(database);
  await sql.query('begin; lock table access_log_projection in share update exclusive mode');
  await analyseProjection(database);
  expect(await planned()).toBe(-1);
  await sql.query('commit');
  await analyseProjection(database);
  expect(await planned()).toBe(20);
});

test('it can be thrown away and is rebuilt the same', async () => {
  await fill(30);
  await catchUp(database);
  const before = await readProjection(database, 0, 100);
  await rebuildProjection(database);
  expect(await readProjection(database, 0, 100)).toEqual(before);
});

test.each([
  ['the tail is cut off behind the back of the head', 'delete from access_log where index >= 7'],
  ['everything is cut off', 'delete from access_log'],
  ['an entry in the middle is gone', 'delete from access_log where index = 3'],
  ['the first entry is gone', 'delete from access_log where index = 0'],
  ['an entry is none', `update access_log set bytes = 'x' where index = 3`],
  ['the head of the projection is gone', 'delete from access_log_projection_head'],
])('where %s it ends with PV9010 and projects no wrong index', async (_name, statement) => {
  await fill(12);
  await sql.query(statement);
  await expect(catchUp(database)).rejects.toThrow(expect.objectContaining({ code: 'PV9010' }));
  // What was there before the damage may be projected, in its place.
  const rows = await readLog(database, 0, 100);
  const projected = await readProjection(database, 0, 100);
  expect(projected).toEqual(
    rows.slice(0, projected.length).map(({ index, bytes }) => projectEntry(index, bytes)),
  );
  expect(projected.map(({ index }) => index)).toEqual(projected.map((_, i) => i));
});

test('filters are met together, newest or oldest first, and a page ends where the next begins', async () => {
  await fill(40);
  await catchUp(database);
  const search = async (filter: LogFilter, order: 'newest' | 'oldest', after: number | null, limit: number) =>
    (await searchProjection(database, 40, filter, { order, after, limit }))!.map(({ index }) => index);
  const filter = { user: 'user1', operation: 'getObjectById', collection: 'people', outcome: 'allowed' };
  const wanted = Array.from({ length: 40 }, (_, n) => n).filter((n) => n % 3 === 1 && n % 2 === 1);
  expect(await search(filter, 'oldest', null, 100)).toEqual(wanted);
  const all = [...wanted].reverse();
  expect(await search(filter, 'newest', null, 100)).toEqual(all);
  expect(await search(filter, 'newest', all[2]!, 2)).toEqual(all.slice(3, 5));
  expect(await search(filter, 'oldest', wanted[2]!, 2)).toEqual(wanted.slice(3, 5));
});

test('while it is being filled anew it answers nothing rather than half of it', async () => {
  await fill(10);
  await catchUp(database);
  await clearProjection(database);
  const page = { order: 'newest', after: null, limit: 10 } as const;
  for (const filter of [{}, { from: new Date(0) }])
    expect(await searchProjection(database, 10, filter, page)).toBeNull();
  expect(await countProjection(database, 10, {}, 'user', 10)).toBeNull();
});

test('queries that run while it is thrown away and filled anew see all that was there before them', async () => {
  await fill(700);
  await catchUp(database);
  await segmentsOf(64);
  let stopped = false;
  const work = async (task: (other: Database) => Promise<void>): Promise<void> => {
    const other = openDatabase(place.url);
    try {
      while (!stopped) await task(other);
    } finally {
      await other.close();
    }
  };
  const working = [
    work(rebuildProjection),
    work(async (other) => {
      await catchUp(other);
      await postSegments(other);
    }),
  ];
  const filters: readonly (readonly [LogFilter, number])[] = [
    [{ user: 'user1' }, 233],
    [{ user: 'user1', from: new Date(Date.UTC(2026, 0, 1)) }, 233],
    [{ user: 'user1', operation: 'getObjectById', collection: 'people' }, 117],
  ];
  try {
    for (let n = 0; n < 45; n++) {
      const [filter, count] = filters[n % filters.length]!;
      const rows = await onProjection(database, (size) =>
        searchProjection(database, size, filter, { order: 'newest', after: null, limit: 1_000 }),
      );
      expect(rows).toHaveLength(count);
    }
  } finally {
    stopped = true;
    await Promise.all(working);
  }
  await postSegments(database);
  expect(await posted()).toBe(10);
  expect(await verifyLog(database)).toEqual(expect.objectContaining({ ok: true }));
});

test('the postings of each complete segment are made once, by however many instances', async () => {
  await fill(700);
  await catchUp(database);
  await segmentsOf(64);
  const instances = Array.from({ length: 3 }, () => openDatabase(place.url));
  try {
    // Whoever does not get the head's row leaves the rest to the one that has it.
    await Promise.all([...instances, ...instances].map((instance) => postSegments(instance)));
    await postSegments(database);
  } finally {
    await Promise.all(instances.map((instance) => instance.close()));
  }
  expect(await posted()).toBe(10);
  expect(await verifyLog(database)).toMatchObject({ ok: true, size: 700 });
  await fill(4);
  await catchUp(database);
  await postSegments(database);
  expect(await posted()).toBe(11);
});

test('an instance that is killed while it makes postings leaves nothing, and the next makes them', async () => {
  await fill(100);
  await catchUp(database);
  await segmentsOf(64);
  await sql.query('begin; lock table access_log_posting in share mode');
  const making = postSegments(database);
  const killed = expect(making).rejects.toThrow(expect.objectContaining({ code: 'PV1010' }));
  await until('it waits for the table', async () => {
    const cut = await sql.query(
      `select pg_terminate_backend(pid) from pg_locks where relation = 'access_log_posting'::regclass and not granted`,
    );
    return cut.length > 0;
  });
  await killed;
  await sql.query('commit');
  expect([await posted(), await sql.query('table access_log_posting')]).toEqual([0, []]);
  await postSegments(database);
  expect(await posted()).toBe(1);
  expect(await verifyLog(database)).toMatchObject({ ok: true });
});

test('a segment of which a row is missing gets no postings', async () => {
  await fill(64);
  await catchUp(database);
  await segmentsOf(64);
  await sql.query('delete from access_log_projection where index = 7');
  await postSegments(database);
  expect(await posted()).toBe(0);
});

test('lists with quotes, commas, backslashes and braces are projected as they are', async () => {
  const tenants = ['a,b', '"', '\\', '{}', 'NULL', '', ' x ', '\u00e9\n'];
  await log.append(draft(0, { tenants, rule: 'allow:a allow:b' }));
  await catchUp(database);
  expect(await readProjection(database, 0, 1)).toEqual([
    expect.objectContaining({ tenants, rules: ['allow:a', 'allow:b'] }),
  ]);
});
