import { catchUp, projectEntry } from '../../src/access-log/projector.js';
import { verifyLog } from '../../src/access-log/verify.js';
import { AccessLog } from '../../src/access-log/writer.js';
import { projectedSize, readProjection, searchProjection } from '../../src/store/access-log/projection.js';
import { readLog } from '../../src/store/access-log/read.js';
import type { Database } from '../../src/store/database.js';
import { type Superuser, openSuperuser } from '../support/superuser.js';
import { type TestDatabase, cloneDatabase } from '../support/test-postgres.js';
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

test('it can be thrown away and is rebuilt the same', async () => {
  await fill(30);
  await catchUp(database);
  const before = await readProjection(database, 0, 100);
  await sql.query('truncate access_log_projection');
  await sql.query('update access_log_projection_head set size = 0');
  await catchUp(database);
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

test('filters are met together, newest first, and a page ends where the next begins', async () => {
  await fill(40);
  await catchUp(database);
  const filter = { user: 'user1', operation: 'getObjectById', collection: 'people', outcome: 'allowed' };
  const all = await searchProjection(database, filter, Number.MAX_SAFE_INTEGER, 100);
  const wanted = Array.from({ length: 40 }, (_, n) => n).filter((n) => n % 3 === 1 && n % 2 === 1);
  expect(all.map(({ index }) => index)).toEqual([...wanted].reverse());
  const page = await searchProjection(database, filter, all[2]!.index, 2);
  expect(page.map(({ index }) => index)).toEqual(all.slice(3, 5).map(({ index }) => index));

  const [object] = draft(7).objects!;
  expect((await searchProjection(database, { objectId: object }, 100, 10)).map(({ index }) => index)).toEqual(
    [7],
  );
  const between = { from: new Date(draft(10).time), to: new Date(draft(12).time) };
  expect((await searchProjection(database, between, 100, 10)).map(({ index }) => index)).toEqual([11, 10]);
});
