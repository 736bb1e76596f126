import { isDeepStrictEqual } from 'node:util';
import pg from 'pg';
import { leafHash } from '../../src/access-log/tree.js';
import { announcePruning, pruneEntries, prunedSize } from '../../src/store/access-log/pruned.js';
import { clearProjection } from '../../src/store/access-log/projection.js';
import type { Statement } from '../../src/store/database.js';
import { checkpointToPrune, finishPruning, pruneLog } from '../../src/access-log/prune.js';
import { verifierKeyOf } from '../../src/access-log/checkpointer.js';
import { COSIGNATURE } from '../../src/access-log/note.js';
import { catchUp, postSegments, rebuildProjection } from '../../src/access-log/projector.js';
import { recordCommand } from '../../src/access-log/record-command.js';
import { verifyLog } from '../../src/access-log/verify.js';
import { verifyInclusion } from '../../src/access-log/proofs.js';
import { parseCheckpoint } from '../../src/access-log/checkpoint.js';
import { refusal } from '../support/steps.js';
import { until } from '../support/until.js';
import { type Superuser, openSuperuser } from '../support/superuser.js';
import { type TestVault, startVault } from '../support/vault.js';
import { ask } from '../operations/audit/support.js';
import { draft } from './support.js';

/** 30 old entries, signed in two steps; what comes after them is new. Every fifth has a text. */
const OLD = 30;
const FIRST_SIGNED = 20;
const CUT = new Date('2026-06-01');

let vault: TestVault;
let sql: Superuser;
/** The owner of the database, who is held to its triggers. */
let owner: pg.Client;
beforeEach(async () => {
  vault = await startVault();
  sql = await openSuperuser(vault.database.url);
  owner = new pg.Client({ connectionString: vault.database.url });
  await owner.connect();
  const { log, checkpoints } = vault.app.vault;
  for (let n = 0; n < OLD; n++) {
    await log.append(draft(n, n % 5 === 0 ? { texts: { adhoc_reason: `because ${n}` } } : {}));
    if (n + 1 === FIRST_SIGNED || n + 1 === OLD) await checkpoints.covering(n);
  }
  await vault.send('GET', '/ctl/collections');
});
afterEach(async () => {
  await owner.end();
  await sql.close();
  await vault.close();
});

const database = () => vault.app.vault.database;
const trust = async () => ({
  keys: (await vault.app.vault.checkpoints.keys()).map(verifierKeyOf),
  witnesses: [],
});
const wrong = async (): Promise<[number, string] | 'intact'> => {
  const found = await verifyLog(database());
  return found.ok ? 'intact' : [found.index, found.problem];
};
const countOf = async (table: string): Promise<number> =>
  Number(
    (await sql.query<{ count: string }>(`select count(*) from ${table} where index < ${OLD}`))[0]!.count,
  );

test('what is old and signed is given up; the rest of the log stays, and everything still proves', async () => {
  const checkpoint = await checkpointToPrune(database(), CUT, await trust());
  expect(checkpoint?.size).toBe(OLD);
  await pruneLog(database(), OLD);

  expect(await verifyLog(database())).toMatchObject({ ok: true, pruned: OLD });
  expect([await countOf('access_log_text'), await countOf('access_log_projection')]).toEqual([0, 0]);
  const [kept] = await sql.query<{ first: string }>(
    'select min(index) as first from access_log where bytes is not null',
  );
  expect(Number(kept!.first)).toBe(OLD);
});

test('proofs of a pruned entry are what they were, and the newest checkpoint proves it, too', async () => {
  const target = `proof/inclusion?index=3&size=${FIRST_SIGNED}`;
  const { body: before } = await ask(vault, target);
  await pruneLog(database(), OLD);
  // The bytes and the texts are gone, and nothing else.
  const still = { ...(before as Record<string, unknown>), texts: [] };
  Reflect.deleteProperty(still, 'entry');
  expect((await ask(vault, target)).body).toEqual(still);
  const { body } = await ask(vault, 'proof/inclusion?index=3');
  const { root, size } = parseCheckpoint(body.checkpoint as string);
  const hashes = (body.proof as string[]).map((hash) => Buffer.from(hash, 'base64'));
  expect(verifyInclusion(3, size, Buffer.from(body.leaf as string, 'base64'), hashes, root)).toBe(true);
  expect((await ask(vault, `proof/consistency?from=${FIRST_SIGNED}&to=${OLD}`)).status).toBe(200);
});

test('the pruning is an entry that names the range, and the status tells it', async () => {
  await pruneLog(database(), OLD);
  const { body } = await ask(vault, 'entries?operation=pruneAuditLog');
  expect((body as { entries: unknown[] }).entries).toMatchObject([
    { user: 'command-line', outcome: 'allowed', range: [0, OLD] },
  ]);
  expect((await ask(vault, 'status')).body).toMatchObject({ pruned_size: OLD, problems: [] });
  expect((await ask(vault, 'entries?limit=1000')).body.entries.at(-1).index).toBe(OLD);
});

test('an export begins behind what was pruned, and refuses to go before it', async () => {
  await pruneLog(database(), OLD);
  const { text } = await ask(vault, 'export');
  expect(text.split('\n')[0]).toMatch(/^\{"frontier":\{"size":30,/);
  expect(refusal(await ask(vault, 'export?from=29'))).toEqual([410, 'PV9081', { field: 'from' }]);
});

test('a vault goes on appending, signing and verifying across the cut, and prunes again later', async () => {
  await pruneLog(database(), FIRST_SIGNED);
  await vault.send('GET', '/ctl/collections');
  await vault.app.vault.checkpoints.sign();
  expect(await verifyLog(database())).toMatchObject({ ok: true, pruned: FIRST_SIGNED });
  expect((await checkpointToPrune(database(), CUT, await trust()))?.size).toBe(OLD);
  await pruneLog(database(), OLD);
  expect(await verifyLog(database())).toMatchObject({ ok: true, pruned: OLD });
  expect(await checkpointToPrune(database(), CUT, await trust())).toBeNull();
});

test('one that was interrupted is not tampering, and the next run finishes it', async () => {
  const entry = await recordCommand(vault.app.vault.log, 'pruneAuditLog', { range: [0, OLD] });
  expect(await wrong()).toBe('intact');
  await announcePruning(database(), OLD, entry);
  await database().commit(pruneEntries(0, 7));
  expect(await verifyLog(database())).toMatchObject({ ok: true, pruned: 7 });
  await finishPruning(database());
  expect(await verifyLog(database())).toMatchObject({ ok: true, pruned: OLD });
});

test('the postings of its segments go with it; the vault goes on making those of the segments behind', async () => {
  await sql.query('update access_log_posting_head set segment_size = 8');
  const posted = async (): Promise<number[]> =>
    (await sql.query('select distinct segment from access_log_posting order by segment')).map(
      ({ segment }) => segment as number,
    );
  // The vault makes them beside whatever it does.
  const madeOf = (...segments: number[]) =>
    until(`postings of ${segments.join()}`, async () => isDeepStrictEqual(await posted(), segments));
  await madeOf(0, 1, 2);
  await pruneLog(database(), FIRST_SIGNED);
  await madeOf(3);
  expect(await verifyLog(database())).toMatchObject({ ok: true, pruned: FIRST_SIGNED });
  const { body } = await ask(vault, 'entries?user=user1&collection=people&order=oldest');
  expect((body as { entries: { index: number }[] }).entries.map(({ index }) => index)).toEqual([22, 25, 28]);
  // Thrown away and made anew it is the same.
  await rebuildProjection(database());
  await madeOf(3);
  expect(await verifyLog(database())).toMatchObject({ ok: true, pruned: FIRST_SIGNED });
});

test.each([
  ['the first of its segment', 0, 8],
  ['a later one of its segment', FIRST_SIGNED, 16_384],
])('a projection thrown away while %s goes begins behind the cut', async (_name, before, segment) => {
  await sql.query('update access_log_posting_head set segment_size = $1', [segment]);
  if (before > 0) await pruneLog(database(), before);
  const entry = await recordCommand(vault.app.vault.log, 'pruneAuditLog', { range: [before, OLD] });
  await announcePruning(database(), OLD, entry);

  const [head, bytes, ...rest] = pruneEntries(before, OLD) as [Statement, Statement, ...Statement[]];
  const prune = ({ text, values }: Statement) => owner.query(text, [...values]);
  await owner.query('begin');
  await prune(head);
  await prune(bytes);
  let cleared = false;
  const clearing = clearProjection(database()).then(() => (cleared = true));
  const waiting = `select from pg_stat_activity where wait_event_type = 'Lock' and query ~ 'access_log_posting_head'`;
  await until('it waits, or did not', async () => cleared || (await sql.query(waiting)).length > 0);
  for (const statement of rest) await prune(statement);
  await owner.query('commit');
  await clearing;
  await catchUp(database());
  await postSegments(database());
  expect(await verifyLog(database())).toMatchObject({ ok: true, pruned: OLD });
});

test('a segment behind the cut is verified once, however the steps of the verification lie to it', async () => {
  const [upTo, segment] = [290, 300];
  const { log, checkpoints } = vault.app.vault;
  const appendUpTo = async (size: number): Promise<void> => {
    while ((await log.append(draft(OLD))) < size - 1);
  };
  await appendUpTo(upTo);
  await checkpoints.covering(upTo - 1);
  await appendUpTo(2 * segment);
  await sql.query('update access_log_posting_head set segment_size = $1', [segment]);
  await pruneLog(database(), upTo);
  await postSegments(database());
  expect(await verifyLog(database(), { inSmallSteps: true })).toMatchObject({ ok: true, pruned: upTo });
});

describe('what may be given up', () => {
  test('only what a checkpoint covers that is older as a whole', async () => {
    const between = new Date(Date.UTC(2026, 0, 1) + FIRST_SIGNED + 3);
    expect((await checkpointToPrune(database(), between, await trust()))?.size).toBe(FIRST_SIGNED);
    expect(await checkpointToPrune(database(), new Date('2025-01-01'), await trust())).toBeNull();
  });
  test('nothing that a configured witness has not cosigned, or that another key signed', async () => {
    const { keys } = await trust();
    const witness = { name: 'witness.example', type: COSIGNATURE, publicKey: Buffer.alloc(32, 1) } as const;
    expect(await checkpointToPrune(database(), CUT, { keys, witnesses: [witness] })).toBeNull();
    const foreign = { ...keys[0]!, publicKey: Buffer.alloc(32, 1) };
    expect(await checkpointToPrune(database(), CUT, { keys: [foreign], witnesses: [] })).toBeNull();
  });
  test('nothing twice', async () => {
    await pruneLog(database(), OLD);
    await expect(pruneLog(database(), FIRST_SIGNED)).rejects.toMatchObject({ code: 'PV9081' });
  });
});

describe('the database holds its owner to it', () => {
  test.each([
    ['a pruning that no entry announces', `insert into access_log_pruning (up_to, entry) values (20, 25)`],
    [
      'a pruning announced by an entry that is not there',
      `insert into access_log_pruning (up_to, entry) values (20, 999)`,
    ],
    ['bytes without a pruning', 'update access_log set bytes = null where index = 0'],
  ])('%s is refused', async (_name, statement) => {
    await expect(owner.query(statement)).rejects.toThrow(/append-only|announces/);
    expect(await prunedSize(database())).toBe(0);
  });

  test('a pruning that another entry announces, or that no checkpoint covers, is refused', async () => {
    const entry = await recordCommand(vault.app.vault.log, 'pruneAuditLog', { range: [0, FIRST_SIGNED] });
    const other = await recordCommand(vault.app.vault.log, 'pruneAuditLog', { range: [0, 25] });
    await expect(announcePruning(database(), OLD, entry)).rejects.toThrow();
    await expect(announcePruning(database(), 25, other)).rejects.toThrow();
    await announcePruning(database(), FIRST_SIGNED, entry);
  });

  test('also after one: nothing else is let through', async () => {
    await pruneLog(database(), FIRST_SIGNED);
    for (const statement of [
      'update access_log set bytes = null where index = 20',
      'update access_log set bytes = null',
      `update access_log set bytes = 'x' where index = 25`,
      `update access_log set bytes = 'x' where index = 3`,
      'update access_log set leaf = sha256(leaf) where index = 25',
      'update access_log set leaf = sha256(leaf) where index = 3',
      'update access_log set index = 999 where index = 25',
      'delete from access_log where index = 3',
      'truncate access_log',
      'delete from access_log_pruning',
      'update access_log_pruning set up_to = 30',
    ]) {
      await expect(owner.query(statement)).rejects.toThrow(/append-only/);
    }
    expect(await verifyLog(database())).toMatchObject({ ok: true, pruned: FIRST_SIGNED });
  });
});

describe('what goes past the database is found', () => {
  test.each<[string, string, number]>([
    ['bytes that no entry announces', 'update access_log set bytes = null where index = 20', 20],
    ['bytes missing behind others', 'update access_log set bytes = null where index = 25', 25],
    ['the leaf of a pruned entry', `update access_log set leaf = '' where index = 3`, 3],
    ['another leaf of a pruned entry', 'update access_log set leaf = sha256(leaf) where index = 3', 0],
    [
      'a text put beside a pruned entry',
      `insert into access_log_text values (3, 'adhoc_reason', sha256('x'), 'slander')`,
      3,
    ],
    [
      'a projection of a pruned entry',
      'insert into access_log_projection select (jsonb_populate_record(p, \'{"index":3}\')).* from access_log_projection p where index = 20',
      3,
    ],
    ['bytes put back into a pruned entry', `update access_log set bytes = '{"v":1}' where index = 3`, 3],
  ])('%s', async (_name, statement, index) => {
    await pruneLog(database(), FIRST_SIGNED);
    if (index === 20) {
      await sql.query('delete from access_log_text where index = 20');
      await sql.query('delete from access_log_projection where index = 20');
    }
    await sql.query(statement);
    expect((await wrong())[0]).toBe(index);
  });

  test('the announcement replaced by another entry, leaf and all', async () => {
    await pruneLog(database(), FIRST_SIGNED);
    const [{ entry }] = (await sql.query<{ entry: string }>('select entry from access_log_pruning')) as [
      { entry: string },
    ];
    const bytes = Buffer.from(
      '{"v":1,"time":"2026-01-01T00:00:00.000Z","operation":"x","outcome":"allowed"}',
    );
    await sql.query('update access_log set bytes = $2, leaf = $3 where index = $1', [
      entry,
      bytes,
      leafHash(bytes),
    ]);
    expect(await wrong()).not.toBe('intact');
  });
});
