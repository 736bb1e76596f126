import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { Checkpointer } from '../../src/access-log/checkpointer.js';
import { decodeEntry, encodeEntry } from '../../src/access-log/entry.js';
import { catchUp, postSegments } from '../../src/access-log/projector.js';
import { leafHash } from '../../src/access-log/tree.js';
import { verifyLog } from '../../src/access-log/verify.js';
import { AccessLog } from '../../src/access-log/writer.js';
import { Keyring, derivedEpochs, environmentRootKey } from '../../src/crypto/index.js';
import { decodePositions, encodePositions } from '../../src/store/access-log/postings.js';
import { readLog } from '../../src/store/access-log/read.js';
import type { Database } from '../../src/store/database.js';
import { keystoreTables } from '../../src/store/keystore-tables.js';
import { type Superuser, openSuperuser } from '../support/superuser.js';
import { type TestDatabase, cloneDatabase } from '../support/test-postgres.js';
import { draft, openDatabase } from './support.js';

/** 40 entries, signed at 16 and 40, all of them projected, with postings of two segments; every third has two texts. */
const SIZE = 40;
const SIGNED = 16;
const SEGMENT = 20;
const TABLES = [
  'access_log',
  'access_log_head',
  'access_log_text',
  'access_log_projection',
  'access_log_posting',
  'access_log_posting_head',
  'access_log_checkpoint',
];

// No vault runs over this log: one would sign by itself, and add an alarm's entry once it met what was tampered with.
let place: TestDatabase;
let database: Database;
let sql: Superuser;
beforeAll(async () => {
  place = await cloneDatabase();
  database = openDatabase(place.url);
  sql = await openSuperuser(place.url);
  const log = new AccessLog(database);
  const root = await environmentRootKey(randomBytes(32).toString('hex')).load();
  const keyring = await Keyring.unlock(keystoreTables(database), derivedEpochs(root));
  const checkpoints = new Checkpointer(database, keyring, 'log.example');
  for (let n = 0; n < SIZE; n++) {
    const texts = { adhoc_reason: `because ${n}`, custom_audit: `for ${n}` };
    await log.append(draft(n, n % 3 === 0 ? { texts } : {}));
    if (n + 1 === SIGNED || n + 1 === SIZE) await checkpoints.covering(n);
  }
  await catchUp(database);
  await sql.query('update access_log_posting_head set segment_size = $1', [SEGMENT]);
  await postSegments(database);
  for (const table of TABLES) await sql.query(`create table saved_${table} as table ${table}`);
});
afterAll(async () => {
  await sql?.close();
  await database?.close();
  await place?.drop();
});

async function restore(): Promise<void> {
  for (const table of TABLES) {
    await sql.query(`delete from ${table}`);
    await sql.query(`insert into ${table} table saved_${table}`);
  }
}

const index = fc.nat(SIZE - 1);
const texted = fc.nat(Math.floor((SIZE - 1) / 3)).map((n) => 3 * n);
const pair = (from: fc.Arbitrary<number>) => fc.tuple(from, from).filter(([i, j]) => i < j);
const segment = fc.nat(SIZE / SEGMENT - 1);
/** Exchanges the positions of the nth posting of a segment for what `change` makes of them. */
async function repost(
  at: number,
  nth: number,
  change: (positions: number[]) => number[] | null,
): Promise<void> {
  const rows = await sql.query<{ term: Buffer; positions: Buffer }>(
    'select term, positions from access_log_posting where segment = $1 order by term',
    [at],
  );
  const { term, positions } = rows[nth % rows.length]!;
  const changed = change(decodePositions(positions, SEGMENT));
  await sql.query(
    changed === null
      ? 'delete from access_log_posting where segment = $1 and term = $2'
      : 'update access_log_posting set positions = $3 where segment = $1 and term = $2',
    [at, term, ...(changed === null ? [] : [encodePositions(changed, SEGMENT)])],
  );
}
/** Statements, their parameters, and the positions that may be named: the entry itself, or the beginning of what was signed together. */
type Attack = readonly [place: string, run: () => Promise<unknown>, named: readonly number[]];
const range = (i: number): number => (i < SIGNED ? 0 : SIGNED);
const KINDS = fc.constantFrom('adhoc_reason', 'custom_audit');

const ATTACKS: fc.Arbitrary<Attack> = fc.oneof(
  fc
    .tuple(index, fc.nat(100), fc.integer({ min: 1, max: 255 }))
    .map(([i, place, by]): Attack => [
      `byte ${place} of ${i}`,
      () =>
        sql.query(
          'update access_log set bytes = set_byte(bytes, $2, get_byte(bytes, $2) # $3) where index = $1',
          [i, place, by],
        ),
      [i],
    ]),
  fc
    .tuple(index, fc.nat(31), fc.integer({ min: 1, max: 255 }))
    .map(([i, place, by]): Attack => [
      `leaf ${i}`,
      () =>
        sql.query(
          'update access_log set leaf = set_byte(leaf, $2, get_byte(leaf, $2) # $3) where index = $1',
          [i, place, by],
        ),
      [i],
    ]),
  index.map((i): Attack => [
    `delete ${i}`,
    () => sql.query('delete from access_log where index = $1', [i]),
    [i],
  ]),
  index.map((i): Attack => [
    `cut at ${i}`,
    () => sql.query('delete from access_log where index >= $1', [i]),
    [i],
  ]),
  index.map((i): Attack => [
    `bytes of ${i} gone`,
    () => sql.query('update access_log set bytes = null where index = $1', [i]),
    [i, 0],
  ]),
  index.map((i): Attack => [
    `entry ${i} replaced with its leaf and its projection`,
    async () => {
      const [row] = await readLog(database, i, 1);
      const { bytes } = encodeEntry({ ...decodeEntry(row!.bytes), rule: 'forged' });
      const said = decodeEntry(row!.bytes);
      // The commitments go along, or the texts would tell at once.
      const kept = Buffer.from(
        JSON.stringify({ ...decodeEntry(bytes), adhoc_hash: said.adhoc_hash, custom_hash: said.custom_hash }),
      );
      await sql.query('update access_log set bytes = $2, leaf = $3 where index = $1', [
        i,
        kept,
        leafHash(kept),
      ]);
    },
    [i, range(i)],
  ]),
  pair(index).map(([i, j]): Attack => [
    `${i} and ${j} exchanged`,
    async () => {
      await sql.query('update access_log set index = -7 where index = $1', [i]);
      await sql.query('update access_log set index = $1 where index = $2', [i, j]);
      await sql.query('update access_log set index = $1 where index = -7', [j]);
    },
    [i, range(i)],
  ]),
  pair(texted).chain(([i, j]) =>
    KINDS.map((kind): Attack => [
      `texts of ${i} and ${j} exchanged`,
      () =>
        sql.query(
          `update access_log_text t set salt = o.salt, text = o.text from access_log_text o
          where t.kind = $3 and o.kind = $3 and ((t.index = $1 and o.index = $2) or (t.index = $2 and o.index = $1))`,
          [i, j, kind],
        ),
      [i],
    ]),
  ),
  fc
    .tuple(texted, KINDS)
    .map(([i, kind]): Attack => [
      `salt at ${i}`,
      () =>
        sql.query(
          'update access_log_text set salt = substr(sha256(salt), 1, 16) where index = $1 and kind = $2',
          [i, kind],
        ),
      [i],
    ]),
  fc
    .tuple(texted, KINDS)
    .map(([i, kind]): Attack => [
      `text at ${i}`,
      () =>
        sql.query(`update access_log_text set text = text || '.' where index = $1 and kind = $2`, [i, kind]),
      [i],
    ]),
  fc
    .tuple(texted, KINDS)
    .map(([i, kind]): Attack => [
      `text at ${i} gone`,
      () => sql.query('delete from access_log_text where index = $1 and kind = $2', [i, kind]),
      [i],
    ]),
  fc
    .tuple(index, fc.constantFrom('user', 'operation', 'outcome', 'request_id'))
    .map(([i, column]): Attack => [
      `projected ${column} of ${i}`,
      () =>
        sql.query(`update access_log_projection set "${column}" = "${column}" || 'x' where index = $1`, [i]),
      [i],
    ]),
  fc
    .tuple(segment, fc.nat(100), fc.nat(SEGMENT - 1))
    .map(([at, nth, position]): Attack => [
      `${position} of posting ${nth} of segment ${at} taken away or added`,
      () =>
        repost(at, nth, (all) =>
          all.includes(position) ? all.filter((each) => each !== position) : [...all, position],
        ),
      [at * SEGMENT + position],
    ]),
  fc.tuple(segment, fc.nat(100)).map(([at, nth]): Attack => {
    const named: number[] = [];
    return [
      `posting ${nth} of segment ${at} gone`,
      () =>
        repost(at, nth, ([first]) => {
          named.push(at * SEGMENT + first!);
          return null;
        }),
      named,
    ];
  }),
  fc
    .tuple(segment, fc.nat(SEGMENT - 1))
    .map(([at, position]): Attack => [
      `a posting added to segment ${at}`,
      () =>
        sql.query(`insert into access_log_posting values ($1, '\\x00', $2)`, [
          at,
          encodePositions([position], SEGMENT),
        ]),
      [at * SEGMENT + position],
    ]),
  fc.tuple(segment, fc.nat(100)).map(([at, nth]): Attack => [
    `posting ${nth} of segment ${at} of another length`,
    () =>
      sql.query(
        `update access_log_posting set positions = positions || '\\x00' where segment = $1
             and term = (select term from access_log_posting where segment = $1 order by term offset $2 limit 1)`,
        [at, nth % 5],
      ),
    Array.from({ length: SEGMENT }, (_, i) => at * SEGMENT + i),
  ]),
  fc
    .constantFrom<readonly [string, number]>(
      ['first = 1', 0],
      ['next = 1', SEGMENT],
      ['next = 3', SIZE],
      ['first = 2', 0],
      ['first = 7, next = 7', 0],
      ['segment_size = 10', 0],
    )
    .map(([change, named]): Attack => [
      `the head of the postings with ${change}`,
      () => sql.query(`update access_log_posting_head set ${change}`),
      [named],
    ]),
  fc
    .constantFrom(SIGNED, SIZE)
    .map((size): Attack => [
      `root of ${size}`,
      () => sql.query('update access_log_checkpoint set root = sha256(root) where size = $1', [size]),
      [range(size - 1)],
    ]),
  fc
    .constantFrom(SIGNED, SIZE)
    .map((size): Attack => [
      `note of ${size}`,
      () =>
        sql.query(
          `update access_log_checkpoint set note = replace(note, E'\\n${size}\\n', E'\\n${size + 1}\\n') where size = $1`,
          [size],
        ),
      [range(size - 1)],
    ]),
);

/** A thousand, now and then: `COATCHECK_TEST_TAMPERINGS=1000`. */
const RUNS = Number(process.env.COATCHECK_TEST_TAMPERINGS ?? 200);

test(`${RUNS} random tamperings past the vault are all found where they are, and what is put back is intact`, async () => {
  await fc.assert(
    fc.asyncProperty(ATTACKS, async ([, attack, named]) => {
      try {
        await attack();
        const found = await verifyLog(database);
        expect(found.ok).toBe(false);
        if (!found.ok) expect(named).toContain(found.index);
      } finally {
        await restore();
      }
      expect(await verifyLog(database)).toMatchObject({ ok: true, size: SIZE });
    }),
    { numRuns: RUNS },
  );
}, 600_000);
