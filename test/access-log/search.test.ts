import fc from 'fast-check';
import { type Entry, type EntryDraft, decodeEntry } from '../../src/access-log/entry.js';
import { catchUp, postSegments } from '../../src/access-log/projector.js';
import { AccessLog } from '../../src/access-log/writer.js';
import { type Place, placesOf } from '../../src/store/access-log/places.js';
import { termsOfFilter } from '../../src/store/access-log/posting-terms.js';
import { readLog, readLogTexts } from '../../src/store/access-log/read.js';
import { countProjection } from '../../src/store/access-log/count.js';
import type { LogFilter } from '../../src/store/access-log/log-filter.js';
import { searchProjection } from '../../src/store/access-log/search.js';
import type { Database } from '../../src/store/database.js';
import { type Superuser, openSuperuser } from '../support/superuser.js';
import { type TestDatabase, cloneDatabase } from '../support/test-postgres.js';
import { openDatabase } from './support.js';

/** Few values of each kind, so that filters meet, and names that a careless filter would confuse. */
const NAMES = ['a', 'b', 'A', 'a b', "a'b", '%', 'a.b'];
const PROPERTIES = ['ssn', 'name', 'ssn2'];
const MASKS = ['mask', 'age'];
const WORDS = ['alpha', 'beta', 'gamma'];
const OBJECTS = [1, 2, 3].map((n) => `10000000-0000-4000-8000-00000000000${n}`);
const TOKENS = ['1', '2', '3'].map((n) => n.repeat(32));
const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 1, 5);
const SIZE = 400;
/** Entries of a segment of the projection: 22 have postings, four entries are behind them. */
const SEGMENT = 18;
const SEGMENTS = Math.floor(SIZE / SEGMENT);

const name = fc.constantFrom(...NAMES);
const revelation = fc.tuple(fc.constantFrom(...PROPERTIES), fc.option(fc.constantFrom(...MASKS)));
/** Not in the order of positions: an entry may be of any minute of four hours. */
const minute = fc.nat({ max: 240 });
const draft = fc.record(
  {
    time: minute.map((n) => new Date(START + n * MINUTE).toISOString()),
    request_id: name,
    caller_request_id: name,
    user: name,
    role: name,
    key_id: name,
    issuer: name,
    subject: name,
    operation: name,
    collection: name,
    objects: fc.subarray(OBJECTS, { minLength: 1 }),
    tokens: fc.subarray(TOKENS, { minLength: 1 }),
    asked: fc.array(revelation, { minLength: 1, maxLength: 2 }),
    revealed: fc.array(revelation, { minLength: 1, maxLength: 2 }),
    reason: fc.constantFrom('Other', 'Marketing'),
    outcome: fc.constantFrom('allowed', 'masked', 'denied', 'failed'),
    rule: fc.subarray(['allow:a', 'deny:b', 'admin'], { minLength: 1 }).map((rules) => rules.join(' ')),
    iam_version: fc.constant(1),
    tenants: fc.subarray(NAMES, { minLength: 1 }),
    remote_addr: fc.constantFrom('192.0.2.1', '2001:db8::1'),
    texts: fc.record(
      {
        adhoc_reason: fc.subarray(WORDS, { minLength: 1 }).map((words) => words.join(' ')),
        custom_audit: fc.subarray(WORDS, { minLength: 1 }).map((words) => words.join(', ').toUpperCase()),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: ['time', 'request_id', 'user', 'role', 'operation', 'outcome', 'iam_version'] },
) as fc.Arbitrary<EntryDraft>;

const filter = fc.record(
  {
    from: minute.map((n) => new Date(START + n * MINUTE)),
    to: minute.map((n) => new Date(START + n * MINUTE)),
    user: name,
    role: name,
    keyId: name,
    subject: name,
    tenant: name,
    collection: name,
    objectId: fc.constantFrom(...OBJECTS),
    tokens: fc.subarray(TOKENS),
    property: fc.constantFrom(...PROPERTIES, 'none'),
    transformation: fc.constantFrom(...MASKS, 'none'),
    reason: fc.constantFrom('Other', 'Marketing', 'none'),
    text: fc.subarray(WORDS, { minLength: 1 }).map((words) => words.join(' ')),
    operation: name,
    outcome: fc.constantFrom('allowed', 'masked', 'denied', 'failed'),
    rule: fc.constantFrom('allow:a', 'deny:b', 'admin', 'allow'),
    requestId: name,
    remoteAddr: fc.constantFrom('192.0.2.1', '2001:db8::1'),
    showing: fc.constant(true),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<LogFilter>;

let place: TestDatabase;
let database: Database;
let sql: Superuser;
/** What the bytes say, and the free texts. */
let log: { readonly index: number; readonly entry: Entry; readonly texts: readonly string[] }[];
beforeAll(async () => {
  place = await cloneDatabase();
  database = openDatabase(place.url);
  const writer = new AccessLog(database);
  for (const each of fc.sample(draft, SIZE)) await writer.append(each);
  await catchUp(database);
  sql = await openSuperuser(place.url);
  await sql.query('update access_log_posting_head set segment_size = $1', [SEGMENT]);
  await postSegments(database);
  const texts = await readLogTexts(database, 0, SIZE);
  log = (await readLog(database, 0, SIZE)).map(({ index, bytes }) => ({
    index,
    entry: decodeEntry(bytes),
    texts: texts.filter((each) => each.index === index).map(({ text }) => text),
  }));
});
afterAll(async () => {
  await sql.close();
  await database.close();
  await place.drop();
});

/** The filter, read off the entry one by one. */
function meets({ entry: e, texts }: (typeof log)[number], f: LogFilter): boolean {
  const is = (wanted: unknown, value: unknown): boolean => wanted === undefined || wanted === value;
  const has = (wanted: string | undefined, values: readonly string[] = []): boolean =>
    wanted === undefined || values.includes(wanted);
  const told = [...(e.asked ?? []), ...(e.revealed ?? [])];
  const wordsOf = (text: string): string[] => text.toLowerCase().split(/[^a-z]+/);
  return (
    (f.from === undefined || new Date(e.time) >= f.from) &&
    (f.to === undefined || new Date(e.time) < f.to) &&
    is(f.user, e.user) &&
    is(f.role, e.role) &&
    is(f.keyId, e.key_id) &&
    is(f.subject, e.subject) &&
    has(f.tenant, e.tenants) &&
    is(f.collection, e.collection) &&
    has(f.objectId, e.objects) &&
    (f.tokens === undefined || f.tokens.some((token) => e.tokens?.includes(token))) &&
    ((f.property === undefined && f.transformation === undefined) ||
      told.some(([property, by]) => is(f.property, property) && is(f.transformation, by))) &&
    is(f.reason, e.reason) &&
    (f.text === undefined ||
      texts.some((text) => wordsOf(f.text!).every((word) => wordsOf(text).includes(word)))) &&
    is(f.operation, e.operation) &&
    is(f.outcome, e.outcome) &&
    has(f.rule, e.rule?.split(' ')) &&
    (f.requestId === undefined || [e.request_id, e.caller_request_id].includes(f.requestId)) &&
    is(f.remoteAddr, e.remote_addr) &&
    (!f.showing || (['allowed', 'masked'].includes(e.outcome) && e.revealed !== undefined))
  );
}

const inLog = (f: LogFilter): number[] => log.filter((each) => meets(each, f)).map(({ index }) => index);

/** All pages of a filter, one after the other. */
async function pages(
  f: LogFilter,
  order: 'newest' | 'oldest',
  limit: number,
  start: number | null = null,
): Promise<number[]> {
  const seen: number[] = [];
  for (let after = start; ; after = seen.at(-1)!) {
    const rows = (await searchProjection(database, SIZE, f, { order, after, limit }))!;
    seen.push(...rows.map(({ index }) => index));
    if (rows.length < limit) return seen;
  }
}

test('filters together find what a slow look at the bytes finds, in either order, page by page', async () => {
  await fc.assert(
    fc.asyncProperty(
      filter,
      fc.constantFrom('newest', 'oldest'),
      fc.nat({ max: 60 }),
      async (f, order, more) => {
        const wanted = inLog(f);
        if (order === 'newest') wanted.reverse();
        expect(await pages(f, order, more + 5)).toEqual(wanted);
      },
    ),
    { numRuns: 400 },
  );
});

/** Which segments have postings: from one up to, not including, another. */
const posted = fc
  .tuple(fc.nat({ max: SEGMENTS }), fc.nat({ max: SEGMENTS }))
  .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
const POSTED = ['user', 'role', 'keyId', 'subject', 'tenant', 'collection', 'property', 'transformation'];
const MORE_POSTED = ['reason', 'operation', 'outcome', 'rule', 'remoteAddr', 'showing', 'from', 'to'];

test('whichever segments have postings, several filters by them find the same, from anywhere on', async () => {
  const several = fc
    .tuple(filter, fc.shuffledSubarray([...POSTED, ...MORE_POSTED], { minLength: 2, maxLength: 4 }))
    .map(([f, names]) => Object.fromEntries(Object.entries(f).filter(([key]) => names.includes(key))));
  let met = 0;
  try {
    await fc.assert(
      fc.asyncProperty(
        several as fc.Arbitrary<LogFilter>,
        fc.constantFrom('newest', 'oldest'),
        fc.integer({ min: 1, max: 30 }),
        fc.option(fc.nat({ max: SIZE })),
        posted,
        async (f, order, limit, after, [first, next]) => {
          await sql.query('update access_log_posting_head set first = $1, next = $2', [first, next]);
          const wanted = inLog(f).filter(
            (index) => after === null || (order === 'newest' ? index < after : index > after),
          );
          if (order === 'newest') wanted.reverse();
          met += wanted.length > 0 ? 1 : 0;
          expect(await pages(f, order, limit, after)).toEqual(wanted);
          const { counted } = (await countProjection(database, SIZE, f, 'user', limit))!;
          expect(counted).toBe(Math.min(limit, inLog(f).length));
        },
      ),
      { numRuns: 300 },
    );
  } finally {
    await sql.query('update access_log_posting_head set first = 0, next = $1', [SEGMENTS]);
  }
  expect(met).toBeGreaterThan(50);
});

test('a posting that says too much shows nothing that does not match, and nothing twice', async () => {
  const everything = Buffer.alloc(Math.ceil(SEGMENT / 8), 255);
  const outside = Buffer.from([0xff, 0xff, 0, 1, 0, 1]);
  await sql.query('create table kept as table access_log_posting');
  try {
    for (const positions of [everything, outside]) {
      await sql.query('update access_log_posting set positions = $1', [positions]);
      for (const order of ['newest', 'oldest'] as const) {
        const f = { user: 'a', outcome: 'allowed' };
        const found = await pages(f, order, 7);
        expect(inLog(f)).toEqual(expect.arrayContaining(found));
        expect(found).toEqual([...new Set(found)].sort((a, b) => (order === 'newest' ? b - a : a - b)));
        if (positions === everything) expect(found).toHaveLength(inLog(f).length);
      }
    }
  } finally {
    await sql.query('truncate access_log_posting; insert into access_log_posting table kept');
  }
});

test('segments that lose their postings under a query are looked at as a whole', async () => {
  const { entry } = log[0]!;
  const terms = termsOfFilter({ user: entry.user, outcome: entry.outcome });
  const places = placesOf(database, SIZE, terms, { first: 0, last: Infinity }, 'oldest', 1);
  expect((await places.next()).value).toEqual({ positions: [0] });
  await sql.query('update access_log_posting_head set first = 6');
  try {
    const rest: Place[] = [];
    for await (const place of places) rest.push(place);
    // Behind the first four, which were read before, the next sixteen were to be read together.
    const lost = { first: 4 * SEGMENT, last: 20 * SEGMENT - 1, isShort: false };
    expect(rest.filter((place) => 'first' in place)).toEqual([
      lost,
      { first: SEGMENTS * SEGMENT, last: Infinity, isShort: true },
    ]);
  } finally {
    await sql.query('update access_log_posting_head set first = 0');
  }
});

test('one or two filters, which meet more entries, do too', async () => {
  const few = fc
    .tuple(
      filter,
      fc.shuffledSubarray(Object.keys({ ...fc.sample(filter, 200).reduce((a, b) => ({ ...a, ...b })) })),
    )
    .map(([f, names]) =>
      Object.fromEntries(Object.entries(f).filter(([key]) => names.slice(0, 2).includes(key))),
    );
  let met = 0;
  await fc.assert(
    fc.asyncProperty(few as fc.Arbitrary<LogFilter>, async (f) => {
      const wanted = inLog(f).reverse();
      met += wanted.length > 0 ? 1 : 0;
      expect(await pages(f, 'newest', 100)).toEqual(wanted);
    }),
    { numRuns: 400 },
  );
  // A property about empty pages would say little.
  expect(met).toBeGreaterThan(50);
});

test.each([
  ['user', (e: Entry) => [e.user]],
  ['operation', (e: Entry) => [e.operation]],
  ['hour', (e: Entry) => [`${e.time.slice(0, 13)}:00:00Z`]],
  [
    'property',
    (e: Entry) => [...new Set([...(e.asked ?? []), ...(e.revealed ?? [])].map(([property]) => property))],
  ],
] as const)('counts by %s are those of the entries, with and without filters', async (by, keysOf) => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({ outcome: fc.constantFrom('allowed', 'denied'), user: name }, { requiredKeys: [] }),
      async (f) => {
        const wanted = new Map<string, number>();
        const found = log.filter((each) => meets(each, f));
        for (const { entry } of found) {
          for (const key of keysOf(entry)) {
            wanted.set(`${key} ${entry.outcome}`, (wanted.get(`${key} ${entry.outcome}`) ?? 0) + 1);
          }
        }
        const { counts, counted } = (await countProjection(database, SIZE, f, by, 10_000))!;
        expect(counted).toBe(found.length);
        expect(new Map(counts.map(({ key, outcome, count }) => [`${key} ${outcome}`, count]))).toEqual(
          wanted,
        );
      },
    ),
    { numRuns: 20 },
  );
});
