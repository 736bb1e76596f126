import { decodeEntry, encodeEntry, textHash } from '../../src/access-log/entry.js';
import { catchUp, postSegments } from '../../src/access-log/projector.js';
import { EMPTY_FRONTIER, appendLeaves, encodeFrontier, leafHash, rootOf } from '../../src/access-log/tree.js';
import { type Verification, verifyLog } from '../../src/access-log/verify.js';
import { AccessLog } from '../../src/access-log/writer.js';
import { readLog } from '../../src/store/access-log/read.js';
import { eraseTexts } from '../../src/store/access-log/texts.js';
import type { Database } from '../../src/store/database.js';
import { type Superuser, openSuperuser } from '../support/superuser.js';
import { type TestDatabase, cloneDatabase } from '../support/test-postgres.js';
import { until } from '../support/until.js';
import { draft, openDatabase } from './support.js';

/** 37 entries: subtrees of 32, 4 and 1. Those up to 29 are projected, 5 and 6 have free texts; segments 0 to 2 have postings. */
const SIZE = 37;
const PROJECTED = 30;
const SEGMENT = 8;

let place: TestDatabase;
let database: Database;
let sql: Superuser;
beforeAll(async () => {
  place = await cloneDatabase();
  database = openDatabase(place.url);
  sql = await openSuperuser(place.url);
});
afterAll(async () => {
  await sql.close();
  await database.close();
  await place.drop();
});

const TABLES = [
  'access_log',
  'access_log_head',
  'access_log_text',
  'access_log_projection',
  'access_log_projection_head',
  'access_log_hour',
  'access_log_posting',
  'access_log_posting_head',
];
beforeAll(async () => {
  const log = new AccessLog(database);
  const full = {
    caller_request_id: 'c',
    key_id: 'k',
    issuer: 'https://id.example',
    subject: 's',
    tenants: ['t'],
    tokens: ['00'.repeat(16)],
    asked: [['ssn', null]],
    revealed: [['ssn', 'mask']],
    reason: 'Other',
    rule: 'allow:a allow:b',
    remote_addr: '192.0.2.1',
  } as const;
  const entryOf = (n: number) =>
    draft(n, {
      ...(n === 9 && full),
      ...((n === 5 || n === 6) && { texts: { adhoc_reason: `because ${n}`, custom_audit: `for ${n}` } }),
    });
  for (let n = 0; n < PROJECTED; n++) await log.append(entryOf(n));
  await catchUp(database);
  await sql.query('update access_log_posting_head set segment_size = $1', [SEGMENT]);
  await postSegments(database);
  for (let n = PROJECTED; n < SIZE; n++) await log.append(entryOf(n));
  for (const table of TABLES) await sql.query(`create table saved_${table} as table ${table}`);
});
afterEach(async () => {
  for (const table of TABLES) {
    await sql.query(`delete from ${table}`);
    await sql.query(`insert into ${table} table saved_${table}`);
  }
});

/** The first wrong position, and what is said of it. */
async function wrong(): Promise<[number, string]> {
  const found: Verification = await verifyLog(database);
  return found.ok ? [-99, 'intact'] : [found.index, found.problem];
}

test('a log that nobody touched is intact, and its root is that of its entries', async () => {
  const rows = await readLog(database, 0, SIZE);
  const root = rootOf(
    appendLeaves(
      EMPTY_FRONTIER,
      rows.map(({ bytes }) => leafHash(bytes)),
    ),
  ).toString('hex');
  expect(await verifyLog(database)).toEqual({ ok: true, size: SIZE, root });
});

test('an empty log is intact', async () => {
  const tables = ['access_log', 'access_log_text', 'access_log_projection', 'access_log_hour'];
  for (const table of [...tables, 'access_log_posting']) await sql.query(`delete from ${table}`);
  await sql.query('update access_log_posting_head set next = 0');
  await sql.query(`update access_log_head set size = 0, frontier = ''`);
  await sql.query('update access_log_projection_head set size = 0');
  expect(await verifyLog(database)).toEqual(expect.objectContaining({ ok: true, size: 0 }));
});

/** The entry with one letter of its user changed: it still reads. */
function forged(bytes: Buffer): Buffer {
  const entry = decodeEntry(bytes);
  return encodeEntry({ ...entry, user: 'nobody' }).bytes;
}

async function bytesAt(index: number): Promise<Buffer> {
  return (await readLog(database, index, 1))[0]!.bytes;
}

describe.each([0, 7, 28, 29, 31, 32, 36])('at index %i', (index) => {
  test('other bytes are found', async () => {
    await sql.query('update access_log set bytes = $2 where index = $1', [
      index,
      forged(await bytesAt(index)),
    ]);
    expect((await wrong())[0]).toBe(index);
  });
  test('a byte more is found', async () => {
    await sql.query(`update access_log set bytes = bytes || ' ' where index = $1`, [index]);
    expect((await wrong())[0]).toBe(index);
  });
  test('another leaf is found', async () => {
    await sql.query(`update access_log set leaf = sha256('x') where index = $1`, [index]);
    expect((await wrong())[0]).toBe(index);
  });
  test('a cut leaf is found', async () => {
    await sql.query(`update access_log set leaf = '' where index = $1`, [index]);
    expect((await wrong())[0]).toBe(index);
  });
  test('a removed entry is found', async () => {
    await sql.query('delete from access_log where index = $1', [index]);
    expect((await wrong())[0]).toBe(index);
  });
  test('bytes and leaf replaced together are found, at the entry where its projection tells, else in its subtree', async () => {
    const bytes = forged(await bytesAt(index));
    await sql.query('update access_log set bytes = $2, leaf = $3 where index = $1', [
      index,
      bytes,
      leafHash(bytes),
    ]);
    const [at, problem] = await wrong();
    const subtree = index < 32 ? 0 : index < 36 ? 32 : 36;
    expect(at).toBe(index < PROJECTED ? index : subtree);
    expect(problem).toMatch(index < PROJECTED ? 'projected user' : /the difference is in \d+ to \d+/);
  });
});

test('bytes, leaf and projection replaced together, the postings thrown away, are found by the tree', async () => {
  const bytes = forged(await bytesAt(3));
  await sql.query('update access_log set bytes = $2, leaf = $3 where index = $1', [
    3,
    bytes,
    leafHash(bytes),
  ]);
  await sql.query(`update access_log_projection set "user" = 'nobody' where index = 3`);
  expect((await wrong())[0]).toBe(3);
  await sql.query('delete from access_log_posting');
  await sql.query('update access_log_posting_head set next = 0');
  expect(await wrong()).toEqual([0, expect.stringContaining('the difference is in 0 to 31')]);
});

test('two entries exchanged are found', async () => {
  const [a, b] = [await bytesAt(33), await bytesAt(34)];
  await sql.query('update access_log set bytes = $2, leaf = $3 where index = $1', [33, b, leafHash(b)]);
  await sql.query('update access_log set bytes = $2, leaf = $3 where index = $1', [34, a, leafHash(a)]);
  expect(await wrong()).toEqual([32, expect.stringContaining('the difference is in 32 to 35')]);
});

const INSERTED = `insert into access_log (index, bytes, leaf) select $1, bytes, leaf from access_log where index = 0`;
test.each([
  ['behind the last', SIZE, SIZE],
  ['far behind', 1_000_000, SIZE],
  ['before the first', -1, -1],
])('an entry inserted %s is found', async (_name, at, index) => {
  await sql.query(INSERTED, [at]);
  expect((await wrong())[0]).toBe(index);
});

test('an entry put in between, the rest moved up, is found', async () => {
  await sql.query('update access_log set index = index + 1000 where index >= 31');
  await sql.query(INSERTED, [31]);
  await sql.query('update access_log set index = index - 999 where index >= 1000');
  expect((await wrong())[0]).toBeLessThanOrEqual(SIZE);
  expect((await verifyLog(database)).ok).toBe(false);
});

test('the tail cut off is found, whether the head says so or not', async () => {
  await sql.query('delete from access_log where index >= 33');
  expect((await wrong())[0]).toBe(33);
  await sql.query('update access_log_head set size = 33');
  expect((await wrong())[0]).toBe(32);
});

test('the tail cut off with a head made to fit is found while the projection is longer', async () => {
  const leaves = (await readLog(database, 0, 20)).map(({ leaf }) => leaf);
  await sql.query('delete from access_log where index >= 20');
  await sql.query('update access_log_head set size = 20, frontier = $1', [
    encodeFrontier(appendLeaves(EMPTY_FRONTIER, leaves)),
  ]);
  expect((await wrong())[0]).toBe(20);
  // With the rows of the projection gone, too, its head still tells: entries to come would never be searched.
  await sql.query('delete from access_log_projection where index >= 20');
  expect((await wrong())[0]).toBe(20);
});

test.each<[string, string, number]>([
  ['removed', 'delete from access_log_head', 0],
  ['one shorter', 'update access_log_head set size = size - 1', SIZE - 1],
  ['one longer', 'update access_log_head set size = size + 1', SIZE],
  ['far longer', 'update access_log_head set size = 9000000000000000000', SIZE],
  ['negative', 'update access_log_head set size = -5', -5],
  ['of nothing', `update access_log_head set size = 0, frontier = ''`, 0],
  [
    'with another first hash',
    `update access_log_head set frontier = overlay(frontier placing '\\x00' from 1)`,
    0,
  ],
  [
    'with another second hash',
    `update access_log_head set frontier = overlay(frontier placing '\\x00' from 33)`,
    32,
  ],
  [
    'with another last hash',
    `update access_log_head set frontier = overlay(frontier placing '\\x00' from 96)`,
    36,
  ],
  ['with a hash less', 'update access_log_head set frontier = substr(frontier, 1, 64)', SIZE - 1],
  ['with a hash more', `update access_log_head set frontier = frontier || sha256('')`, SIZE - 1],
])('a head %s is found', async (_name, statement, index) => {
  await sql.query(statement);
  expect((await wrong())[0]).toBe(index);
});

test.each([
  ['time', `'2026-01-01'`],
  ['time', `'infinity'`],
  ['request_id', `'other'`],
  ['user', `'Admin'`],
  ['operation', `'addObject'`],
  ['collection', `'clients'`],
  ['collection', 'null'],
  ['objects', `'{}'`],
  ['objects', 'null'],
  ['objects', 'objects || objects'],
  ['outcome', `'denied'`],
  ['caller_request_id', `'mine'`],
  ['caller_request_id', 'null'],
  ['role', `'other'`],
  ['key_id', `'other'`],
  ['key_id', 'null'],
  ['subject', `'other'`],
  ['subject', 'null'],
  ['tenants', `'{}'`],
  ['tenants', `tenants || tenants`],
  ['tokens', `'{}'`],
  ['properties', `'{}'`],
  ['properties', `array_remove(properties, 'ssn')`],
  ['reason', `'Marketing'`],
  ['reason', 'null'],
  ['rules', `'{}'`],
  ['remote_addr', `'192.0.2.9'`],
  ['remote_addr', 'null'],
  ['shown', 'not shown'],
])('a projected %s edited to %s is found', async (column, expression) => {
  await sql.query(`update access_log_projection set "${column}" = ${expression} where index = 9`);
  expect((await wrong())[0]).toBe(9);
});

test.each<[string, string, number]>([
  ['row removed', 'delete from access_log_projection where index = 9', 9],
  ['row moved', 'update access_log_projection set index = 33 where index = 9', 9],
  [
    'row ahead of its head',
    `insert into access_log_projection select (jsonb_populate_record(p, '{"index": 33}')).* from access_log_projection p where index = 9`,
    33,
  ],
  ['row behind the log', 'update access_log_projection set index = 1000 where index = 9', SIZE],
  ['row before the first', 'update access_log_projection set index = -1 where index = 9', -1],
  ['head removed', 'delete from access_log_projection_head', 0],
  ['head ahead of its rows', 'update access_log_projection_head set size = 33', PROJECTED],
  ['head ahead of the log', 'update access_log_projection_head set size = 1000', SIZE],
])('a projection with its %s is found', async (_name, statement, index) => {
  await sql.query(statement);
  expect((await wrong())[0]).toBe(index);
});

test.each<[string, string, number]>([
  ['edited', `update access_log_text set text = 'other' where index = 5 and kind = 'adhoc_reason'`, 5],
  ['removed', `delete from access_log_text where index = 5 and kind = 'custom_audit'`, 5],
  [
    'with another salt',
    `update access_log_text set salt = sha256('x') where index = 6 and kind = 'adhoc_reason'`,
    6,
  ],
  [
    'with its beginning moved into the salt, which leaves the hash as it was',
    `update access_log_text set salt = salt || convert_to(left(text, 3), 'UTF8'), text = substr(text, 4) where index = 6 and kind = 'adhoc_reason'`,
    6,
  ],
  [
    'moved to another entry',
    `update access_log_text set index = 8 where index = 5 and kind = 'adhoc_reason'`,
    // The one at 5 could have been erased by an entry still to come; the one at 8 was never recorded.
    8,
  ],
  [
    'of another kind',
    `update access_log_text set kind = 'custom' where index = 5 and kind = 'custom_audit'`,
    5,
  ],
  [
    'exchanged with the other',
    `update access_log_text set kind = case kind when 'x' then 'custom_audit' else 'x' end where index = 5 and kind = 'adhoc_reason'`,
    5,
  ],
  [
    'added where there was none',
    `insert into access_log_text values (8, 'adhoc_reason', sha256('x'), 'slander')`,
    8,
  ],
  [
    'added as of an unknown kind',
    `insert into access_log_text values (8, 'note', sha256('x'), 'slander')`,
    8,
  ],
  [
    'added behind the log',
    `insert into access_log_text values (99, 'adhoc_reason', sha256('x'), 'slander')`,
    SIZE,
  ],
  [
    'added before the log',
    `insert into access_log_text values (-1, 'adhoc_reason', sha256('x'), 'slander')`,
    -1,
  ],
])('a free text %s is found', async (_name, statement, index) => {
  await sql.query(statement);
  expect((await wrong())[0]).toBe(index);
});

describe('a free text that was erased', () => {
  const erasure = (erased: number[], more = {}) =>
    new AccessLog(database).append(draft(100, { operation: 'eraseAuditTexts', erased, ...more }));
  const erase = (index: number) => sql.query('delete from access_log_text where index = $1', [index]);

  test('may be missing where a later entry names its position', async () => {
    await erasure([5, 6]);
    await erase(5);
    expect(await verifyLog(database)).toEqual(expect.objectContaining({ ok: true, size: SIZE + 1 }));
    await erase(6);
    expect(await verifyLog(database)).toEqual(expect.objectContaining({ ok: true }));
  });

  test('may not be missing where no entry names its position', async () => {
    await erasure([5]);
    await erase(5);
    await erase(6);
    expect(await wrong()).toEqual([6, 'the adhoc_reason is not the one that was recorded']);
  });

  test.each([
    ['a refused erasure', [5], { outcome: 'denied' }],
    ['another operation', [5], { operation: 'detokenize' }],
    ['one of positions behind it', [SIZE + 1], {}],
  ])('is not accounted for by %s', async (_name, erased, more) => {
    await erasure(erased, more);
    const [index] = erased;
    if (index! > SIZE) await new AccessLog(database).append(draft(101, { texts: { adhoc_reason: 'later' } }));
    await erase(index!);
    expect((await wrong())[0]).toBe(index);
  });

  test('may not come back as another', async () => {
    await erasure([5]);
    await sql.query(`update access_log_text set text = 'other' where index = 5`);
    expect((await wrong())[0]).toBe(5);
  });

  test('by a running vault while it is verified raises no false alarm', async () => {
    const other = openDatabase(place.url);
    const log = new AccessLog(other);
    let stopped = false;
    const working = (async () => {
      while (!stopped) {
        const index = await log.append(draft(200, { texts: { adhoc_reason: 'x' } }));
        await log.append(draft(201, { operation: 'eraseAuditTexts', erased: [index] }));
        await other.run(eraseTexts([index]));
      }
    })();
    try {
      for (let round = 0; round < 30; round++)
        expect(await verifyLog(database)).toEqual(expect.objectContaining({ ok: true }));
    } finally {
      stopped = true;
      await working;
      await other.close();
    }
  });
});

test.each<[string, string, number]>([
  ['removed', 'delete from access_log_hour', 0],
  ['beginning later', 'update access_log_hour set first_index = first_index + 1', 0],
  ['ending earlier', 'update access_log_hour set last_index = last_index - 1', 0],
  ['moved', `update access_log_hour set hour = hour + interval '1 hour'`, 0],
  ['added', `insert into access_log_hour values ('2020-01-01', 3, 9)`, 3],
])('an hour of the projection %s is found', async (_name, statement, index) => {
  await sql.query(statement);
  expect((await wrong())[0]).toBe(index);
});

test.each<[string, string, number]>([
  ['with a row removed', 'delete from access_log_posting where segment = 1', 8],
  ['moved to another segment', 'update access_log_posting set segment = 7 where segment = 1', 8],
  ['of a segment behind the last', `insert into access_log_posting values (3, '\\x00', '\\x00')`, 24],
  ['of a segment before the first', `insert into access_log_posting values (-1, '\\x00', '\\x00')`, -8],
  [
    'of two segments exchanged',
    `update access_log_posting p set positions = o.positions from access_log_posting o
      where o.term = p.term and o.segment = 3 - p.segment and p.segment in (1, 2)`,
    8,
  ],
  ['without a head', 'delete from access_log_posting_head', 0],
  ['that end earlier', 'update access_log_posting_head set next = 1', 8],
  ['that end behind the projection', 'update access_log_posting_head set next = 4', PROJECTED],
  ['that begin later', 'update access_log_posting_head set first = 1', 0],
  [
    'that begin later, with their rows gone',
    'with gone as (delete from access_log_posting where segment = 0) update access_log_posting_head set first = 1',
    0,
  ],
  ['of segments of another size', 'update access_log_posting_head set segment_size = 4', 0],
])('postings %s are found', async (_name, statement, index) => {
  await sql.query(statement);
  expect((await wrong())[0]).toBe(index);
});

test('postings thrown away as a whole are none to be wrong: they are made again', async () => {
  await sql.query('delete from access_log_posting');
  await sql.query('update access_log_posting_head set next = 0');
  expect(await verifyLog(database)).toMatchObject({ ok: true });
  await postSegments(database);
  expect(await sql.query('table access_log_posting order by segment, term')).toEqual(
    await sql.query('table saved_access_log_posting order by segment, term'),
  );
});

test.each([
  ['no JSON', 'x'],
  ['no entry', 'null'],
  ['another version', '{"v":2}'],
  ['bytes that are no text', '\xff\xfe'],
])('bytes that are %s, with their leaf and their tree, are found', async (_name, text) => {
  const bytes = Buffer.from(text, 'latin1');
  await sql.query('update access_log set bytes = $1, leaf = $2 where index = 4', [bytes, leafHash(bytes)]);
  expect((await wrong())[0]).toBe(4);
});

test('a hash of a free text is over exactly sixteen bytes of salt and the text', () => {
  expect(textHash(Buffer.alloc(16), 'x')).not.toBe(textHash(Buffer.alloc(16), 'y'));
});

test('it reports how far it is', async () => {
  const seen: [number, number][] = [];
  await verifyLog(database, { onProgress: (done, size) => void seen.push([done, size]) });
  expect(seen.at(-1)).toEqual([SIZE, SIZE]);
});

test('a running vault that appends and projects meanwhile raises no false alarm', async () => {
  const other = openDatabase(place.url);
  const log = new AccessLog(other);
  let stopped = false;
  let appended = 0;
  const writing = (async () => {
    while (!stopped) {
      const some = Array.from({ length: 20 }, (_, n) =>
        log.append(draft(1_000 + n, n % 5 === 0 ? { texts: { adhoc_reason: 'x' } } : {})),
      );
      appended += (await Promise.all(some)).length;
      await catchUp(other);
      await postSegments(other);
    }
  })();
  try {
    for (let round = 0; round < 20; round++) {
      const before = appended;
      expect(await verifyLog(database)).toEqual(expect.objectContaining({ ok: true }));
      await until('the log grows', () => appended > before);
    }
  } finally {
    stopped = true;
    await writing;
    await other.close();
  }
});
