import pg from 'pg';
import { setClients } from '../../support/iam.js';
import { addCollection, addObject, fieldsOf, refused, sql, tokenize } from '../../support/steps.js';
import { openSuperuser } from '../../support/superuser.js';
import { type Answer, type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
/** Where no transaction id is garbage. */
const TRANSACTIONS = { 'TransactionIDs/TRANSACTION_IDS': 0 };
const gc = (query = '', sent: Parameters<TestVault['send']>[2] = {}): Promise<Answer> =>
  vault.send('POST', `/system/admin/lifecycle/gc${query}`, sent);

/** What an answer counts, by name. */
function counts({ status, body }: Answer): Record<string, number> {
  expect(status).toBe(200);
  const rows = body as { collection_name: string; collection_type: string; count: number }[];
  return Object.fromEntries(rows.map((row) => [`${row.collection_name}/${row.collection_type}`, row.count]));
}

/** Lets things have been archived so many days ago. */
const age = (table: 'object' | 'token', days: number, ids: readonly string[] | null): Promise<unknown> =>
  sql(
    vault,
    `update ${table} set expires_at = now() - $1::int * interval '1 day' where $2::uuid[] is null or id = any($2)`,
    [days, ids],
  );
const count = async (table: string, where = 'true'): Promise<number> =>
  ((await sql(vault, `select count(*)::int as n from ${table} where ${where}`)) as { n: number }[])[0]!.n;

/** Objects, keys, indexes and tokens there are. */
const all = (): Promise<number[]> =>
  Promise.all(['object', 'keystore.object_key', 'blind_index', 'token'].map((table) => count(table)));

beforeEach(async () => {
  vault = await startVault({ COATCHECK_DB_GC_BATCH_SIZE: '3' });
  await addCollection(vault);
  await addCollection(vault, 'things DATA ( n STRING NULL INDEX, s STRING NULL SUBSTRING_INDEX );');
});
afterEach(() => vault.close());

test('200: nothing is garbage: a count of 0 for the tokens and for each collection, and nothing is gone', async () => {
  const id = await addObject(vault, { name: 'Ann', ssn: '123-12-1001' });
  await tokenize(vault, { object: { id } });
  const before = await all();
  expect(counts(await gc())).toEqual({
    ...TRANSACTIONS,
    'Tokens/TOKENS': 0,
    'users/PERSONS': 0,
    'things/DATA': 0,
  });
  expect(await all()).toEqual(before);
});

test('200: what was archived longer ago than the retention goes with key, indexes and tokens; what was not stays', async () => {
  const [old, young, active] = await Promise.all(
    ['1', '2', '3'].map((n) =>
      addObject(vault, { name: 'Ann', ssn: `123-12-100${n}`, phone_number: '+12025550101' }),
    ),
  );
  const thing = await addObject(vault, { n: 'x' }, { collection: 'things' });
  const kept = await tokenize(vault, { object: { id: active } });
  await tokenize(vault, { object: { id: old } });
  await age('object', 31, [old!, thing]);
  await age('object', 29, [young!]);

  expect(counts(await gc())).toEqual({
    ...TRANSACTIONS,
    'Tokens/TOKENS': 1,
    'users/PERSONS': 1,
    'things/DATA': 1,
  });
  expect(await count('object')).toBe(2);
  for (const [table, column] of [
    ['object', 'id'],
    ['keystore.object_key', 'record_id'],
    ['blind_index', 'object_id'],
    ['token', 'object_id'],
  ] as const) {
    expect([table, await count(table, `${column} in ('${old}', '${thing}')`)]).toEqual([table, 0]);
  }
  expect(await fieldsOf(vault, active!)).toMatchObject({ name: 'Ann' });
  const { body } = await vault.send('GET', `/data/collections/users/tokens?token_ids=${kept}`);
  expect(body).toHaveLength(1);
  expect((await vault.send('GET', '/data/collections/users/count/objects')).body).toMatchObject({
    archived: 1,
    active: 1,
  });
  expect(counts(await gc())).toEqual({
    ...TRANSACTIONS,
    'Tokens/TOKENS': 0,
    'users/PERSONS': 0,
    'things/DATA': 0,
  });
});

test('200: tokens go when they expired long ago, with the key of their own, and when their object is gone', async () => {
  const id = await addObject(vault, { name: 'Ann' });
  for (let i = 0; i < 5; i++) await tokenize(vault, { object: { fields: { name: `N${i}` } } });
  await age('token', 31, null);
  const alive = await tokenize(vault, { object: { id } });
  const orphan = await addObject(vault, { name: 'Gone' });
  await tokenize(vault, { object: { id: orphan } });
  await sql(vault, 'delete from object where id = $1', [orphan]);
  await sql(vault, 'delete from keystore.object_key where record_id = $1', [orphan]);

  expect(counts(await gc('?filter=tokens_only'))).toEqual({ 'Tokens/TOKENS': 6 });
  expect([await count('token'), await count('keystore.object_key')]).toEqual([1, 1]);
  const { body } = await vault.send('GET', `/data/collections/users/tokens?token_ids=${alive}`);
  expect(body).toHaveLength(1);
});

test('200: a filter leaves everything else alone', async () => {
  const id = await addObject(vault, { name: 'Ann' });
  await tokenize(vault, { object: { id } });
  await tokenize(vault, { object: { fields: { name: 'Bare' } } });
  await age('object', 31, null);
  await age('token', 31, null);

  const before = await all();
  expect(counts(await gc('?filter=transaction_ids_only'))).not.toHaveProperty('Tokens/TOKENS');
  expect(await all()).toEqual(before);
  // The tokens of an object cannot outlive it.
  expect(counts(await gc('?filter=objects_only'))).toEqual({ 'users/PERSONS': 1, 'things/DATA': 0 });
  expect(await all()).toEqual([0, 1, 0, 1]);
  expect(counts(await gc('?filter=tokens_only'))).toEqual({ 'Tokens/TOKENS': 1 });
  expect(await all()).toEqual([0, 0, 0, 0]);
});

test('200: a dry run counts what a run removes, and removes nothing', async () => {
  for (let i = 0; i < 7; i++) await addObject(vault, { name: `N${i}` });
  await tokenize(vault, { object: { fields: { name: 'Bare' } } });
  await age('object', 31, null);
  await age('token', 31, null);
  const before = await all();
  const dry = counts(await gc('?dry_run=true'));
  expect(dry).toEqual({ ...TRANSACTIONS, 'Tokens/TOKENS': 1, 'users/PERSONS': 7, 'things/DATA': 0 });
  expect(await all()).toEqual(before);
  expect(counts(await gc())).toEqual(dry);
  expect(await count('object')).toBe(0);
});

test('200: one call removes at most 10,000 items, and so does a dry run count', async () => {
  await vault.close();
  vault = await startVault();
  await addCollection(vault);
  await sql(
    vault,
    `with o as (
       insert into object (collection_id, id, tenant, revision, sealed, expires_at, created_at, modified_at)
       select (select id from collection), gen_random_uuid(), '', 1, '', now() - interval '31 days', now(), now()
         from generate_series(1, 10050) returning id)
     insert into keystore.object_key (collection_id, record_id, key_id, keyset_id, keyset_version, wrapped)
     select (select id from collection), id, gen_random_uuid(), gen_random_uuid(), 1, '' from o`,
  );
  expect(counts(await gc('?dry_run=true'))['users/PERSONS']).toBe(10_000);
  expect(counts(await gc())['users/PERSONS']).toBe(10_000);
  expect(await count('object')).toBe(50);
  expect(counts(await gc())['users/PERSONS']).toBe(50);
  expect(await all()).toEqual([0, 0, 0, 0]);
}, 60_000);

test('200: two at once remove each item once, between them all', async () => {
  for (let i = 0; i < 20; i++) await addObject(vault, { name: `N${i}` });
  await age('object', 31, null);
  let total = 0;
  for (let round = 0; round < 20 && total < 20; round++) {
    const answers = await Promise.all([gc(), gc()]);
    for (const answer of answers) total += counts(answer)['users/PERSONS']!;
  }
  expect(total).toBe(20);
  expect(await count('object')).toBe(0);
});

test('200: an object that is coming back to life just now is left alone', async () => {
  const id = await addObject(vault, { name: 'Ann' });
  await age('object', 31, [id]);
  const client = new pg.Client({ connectionString: vault.database.url });
  await client.connect();
  await client.query('begin');
  await client.query('update object set expires_at = null where id = $1', [id]);
  expect(counts(await gc())['users/PERSONS']).toBe(0);
  await client.query('commit');
  await client.end();
  expect(await count('object')).toBe(1);
});

test('200: limited to tenants, only what is theirs goes', async () => {
  const theirs = await addObject(vault, { name: 'Ann' }, { headers: { 'x-tenant-id': 't1' } });
  const others = await addObject(vault, { name: 'Ann' }, { headers: { 'x-tenant-id': 't2' } });
  await age('object', 31, null);
  expect(counts(await gc('', { headers: { 'x-tenant-id': 't1' } }))['users/PERSONS']).toBe(1);
  const left = (await sql(vault, 'select id from object')) as { id: string }[];
  expect(left.map(({ id }) => id)).toEqual([others]);
  expect(left).not.toContain(theirs);
});

describe('transaction ids', () => {
  const made = (transaction: string, object: object, collection = 'users'): Promise<Answer> =>
    vault.send('POST', `/data/collections/${collection}/tokens?transaction_id=${transaction}`, {
      json: [
        { type: 'randomized', object },
        { type: 'randomized', object },
      ],
    });
  const known = async (transaction: string, collection = 'users'): Promise<boolean> =>
    (await vault.send('GET', `/data/collections/${collection}/transaction_id/${transaction}`)).status === 200;
  const of = ({ body }: Answer): string =>
    (body as { token_id: string }[]).map(({ token_id }) => token_id).join(',');
  const bare = { fields: { name: 'Bare' } };
  const remove = (tokens: string): Promise<Answer> =>
    vault.send('DELETE', `/data/collections/users/tokens?token_ids=${tokens}`);

  test('go when none of their tokens is left; one that is left, even archived, keeps them', async () => {
    const id = await addObject(vault, { name: 'Ann' });
    const [gone, half, archived, deleted] = [
      of(await made('gone', bare)),
      of(await made('half', bare)),
      of(await made('archived', bare)),
      of(await made('deleted', { id })),
    ];
    await made('whole', bare);
    await remove(gone);
    await remove(half.split(',')[0]!);
    await vault.send('PATCH', `/data/collections/users/tokens?token_ids=${archived}&expiration_secs=0`, {
      json: {},
    });
    expect(deleted).not.toBe('');
    await vault.send('DELETE', `/data/collections/users/objects/${id}`);

    const dry = counts(await gc('?filter=transaction_ids_only&dry_run=true'));
    expect(dry).toEqual({ 'TransactionIDs/TRANSACTION_IDS': 2 });
    expect(await known('gone')).toBe(true);
    expect(counts(await gc('?filter=transaction_ids_only'))).toEqual(dry);
    for (const [name, left] of [
      ['gone', false],
      ['deleted', false],
      ['half', true],
      ['archived', true],
      ['whole', true],
    ] as const)
      expect([name, await known(name)]).toEqual([name, left]);
    // It can be used again, for it stands for nothing.
    expect((await made('gone', bare)).status).toBe(200);
    expect(counts(await gc('?filter=transaction_ids_only'))).toEqual(TRANSACTIONS);
  });

  test("go in the same run as the tokens they refer to, of every collection, and others' tokens keep nothing", async () => {
    await made('t', bare);
    await made('t', { fields: { n: 'x' } }, 'things');
    await age('token', 31, null);
    expect(counts(await gc())).toMatchObject({ 'Tokens/TOKENS': 4, 'TransactionIDs/TRANSACTION_IDS': 2 });
    expect(await count('transaction_record')).toBe(0);
  });

  test('more of them than a batch or a page go, each once, past those that stay', async () => {
    await made('kept', bare);
    for (let i = 0; i < 8; i++) await remove(of(await made(`t${i}`, bare)));
    expect(counts(await gc())['TransactionIDs/TRANSACTION_IDS']).toBe(8);
    expect(await known('kept')).toBe(true);
    const { body } = await vault.send(
      'GET',
      '/api/coatcheck/1.0/audit/entries?operation=garbageCollection&limit=100',
    );
    const said = (body.entries as { rule?: string; count?: number }[])
      .filter(({ rule }) => rule === 'orphaned-transactions')
      .map((entry) => entry.count);
    expect(said.reverse()).toEqual([3, 3, 2]);
  });

  test('that do not open go once they are older than the retention', async () => {
    await made('young', bare);
    await made('old', bare);
    await sql(vault, `update transaction_record set ids = 'x'`);
    expect(counts(await gc('?filter=transaction_ids_only'))).toEqual(TRANSACTIONS);
    await sql(vault, `update transaction_record set created_at = now() - interval '31 days'`);
    expect(counts(await gc('?filter=transaction_ids_only'))['TransactionIDs/TRANSACTION_IDS']).toBe(2);
  });

  test('belong to no tenant: whoever is limited to some leaves them', async () => {
    await remove(of(await made('t', bare)));
    const limited = await gc('', { headers: { 'x-tenant-id': 't1' } });
    expect(counts(limited)).toMatchObject(TRANSACTIONS);
    expect(await known('t')).toBe(true);
  });
});

describe('what can never be opened', () => {
  test('objects without their key go once they are older than the retention, keys without their object at once', async () => {
    const [young, old, lone] = await Promise.all(
      ['Young', 'Old', 'Lone'].map((name) => addObject(vault, { name })),
    );
    const whole = await addObject(vault, { name: 'Whole' });
    const bare = await tokenize(vault, { object: { fields: { name: 'Bare' } } });
    await sql(vault, 'delete from keystore.object_key where record_id = any($1)', [[young, old]]);
    await sql(vault, `update object set modified_at = now() - interval '31 days' where id = any($1)`, [
      [old, whole],
    ]);
    await sql(vault, 'delete from object where id = $1', [lone]);

    expect(counts(await gc())['users/PERSONS']).toBe(2);
    const left = (await sql(vault, 'select id from object order by id')) as { id: string }[];
    expect(left.map(({ id }) => id)).toEqual([young, whole].sort());
    expect(await fieldsOf(vault, whole)).toEqual({ name: 'Whole' });
    const { body } = await vault.send('GET', `/data/collections/users/tokens?token_ids=${bare}`);
    expect(body).toHaveLength(1);
  });

  test('what a deleted collection left behind goes, whatever was added while it was being deleted', async () => {
    const things = (path: string, json: unknown): Promise<Answer> =>
      vault.send('POST', `/data/collections/things/${path}`, { json });
    const id = await addObject(vault, { n: 'x', s: 'substring' }, { collection: 'things' });
    const kept = await addObject(vault, { name: 'Ann', ssn: '123-12-1001' });
    const token = await things('tokens?transaction_id=t1', [{ type: 'randomized', object: { id } }]);
    expect(token.status).toBe(200);
    const tables = [
      'object',
      'token',
      'transaction_record',
      'keystore.object_key',
      'blind_index',
      'substring_index',
      'keystore.keyset_version',
    ];
    // Foreign keys keep new ones from being left; a restore without them, or an earlier release, is not kept from it.
    const superuser = await openSuperuser(vault.database.url);
    for (const table of tables) {
      await superuser.query(`create table "left ${table}" as table ${table}`);
      await superuser.query(
        `delete from "left ${table}" where collection_id <> (select id from collection where name = 'things')`,
      );
    }
    await vault.send('DELETE', '/ctl/collections/things');
    for (const table of tables) {
      const [{ columns }] = (await superuser.query(
        `select string_agg(quote_ident(attname), ', ') as columns from pg_attribute
          where attrelid = '${table}'::regclass and attnum > 0 and attgenerated = '' and attidentity = '' and not attisdropped`,
      )) as [{ columns: string }];
      await superuser.query(`insert into ${table} (${columns}) select ${columns} from "left ${table}"`);
    }
    await superuser.close();
    expect(await count('object', `id = '${id}'`)).toBe(1);

    expect(counts(await gc('?dry_run=true'))['(deleted)/DATA']).toBe(tables.length);
    expect(counts(await gc())['(deleted)/DATA']).toBe(tables.length);
    expect(counts(await gc())).not.toHaveProperty('(deleted)/DATA');
    const dead = 'collection_id not in (select id from collection) and collection_id > 0';
    for (const table of tables) expect([table, await count(table, dead)]).toEqual([table, 0]);
    expect(await fieldsOf(vault, kept)).toEqual({ name: 'Ann', ssn: '123-12-1001' });
  });
});

describe('the access log', () => {
  const entries = async (): Promise<Record<string, unknown>[]> =>
    (await vault.send('GET', '/api/coatcheck/1.0/audit/entries?operation=garbageCollection&limit=100')).body
      .entries as Record<string, unknown>[];

  test('names every object that goes, in entries written before it went, and says how many tokens', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 7; i++) ids.push(await addObject(vault, { name: `N${i}` }));
    await tokenize(vault, { object: { id: ids[0] } });
    await age('object', 31, null);
    await gc('?reason=Other&adhoc_reason=because');

    const written = (await entries()).reverse();
    const first = written[0]!.index;
    expect(written[0]).toMatchObject({ user: 'Admin', outcome: 'allowed', rule: 'all', reason: 'Other' });
    expect(written[1]).toMatchObject({
      collection: 'users',
      rule: 'archived-tokens',
      count: 1,
      refers: first,
    });
    const batches = written.filter(({ rule }) => rule === 'archived-objects');
    expect(batches.map(({ objects }) => (objects as string[]).length)).toEqual([3, 3, 1]);
    expect(batches.flatMap(({ objects }) => objects as string[]).sort()).toEqual([...ids].sort());
    expect(batches.every(({ refers, collection }) => refers === first && collection === 'users')).toBe(true);
  });

  test('a dry run is recorded as one', async () => {
    await gc('?dry_run=true&filter=objects_only');
    expect(await entries()).toMatchObject([{ outcome: 'allowed', rule: 'objects_only dry-run' }]);
  });

  test('what cannot be recorded is not removed: 503', async () => {
    await addObject(vault, { name: 'Ann' });
    await age('object', 31, null);
    await sql(
      vault,
      `create function no_log() returns trigger language plpgsql as $$ begin raise exception 'full' using errcode = 'disk_full'; end $$;
       create trigger no_log before insert on access_log for each row execute function no_log();`,
    );
    expect(refused(await gc())).toBe('503 PV9017');
    await sql(vault, 'drop trigger no_log on access_log');
    expect(await count('object')).toBe(1);
  });

  test('a removal that fails is said to have failed, and is whole or not at all', async () => {
    const id = await addObject(vault, { name: 'Ann' });
    await tokenize(vault, { object: { id } });
    await age('object', 31, null);
    await sql(
      vault,
      `create function no_delete() returns trigger language plpgsql as $$ begin raise exception 'no' using errcode = 'lock_not_available'; end $$;
       create trigger no_delete before delete on keystore.object_key for each row execute function no_delete();`,
    );
    expect(refused(await gc('?filter=objects_only'))).toBe('503 PV1009');
    expect(await all()).toEqual([1, 1, 0, 1]);
    const [failed, batch] = await entries();
    expect(batch).toMatchObject({ outcome: 'allowed', objects: [id] });
    expect(failed).toMatchObject({ outcome: 'failed', error_code: 'PV1009' });
  });
});

test.each([['?filter=everything'], ['?dry_run=maybe'], ['?reason=Whim'], ['?unknown=1']])(
  '400: %s',
  async (query) => {
    expect((await gc(query)).status).toBe(400);
  },
);

test('403: only with the capability, PV1007; 401: not without a key', async () => {
  const keys = await setClients(vault, [
    { name: 'runner', capabilities: ['CapSystemGCRunner'] },
    { name: 'deleter', capabilities: ['CapDataWriter'] },
  ]);
  expect(refused(await gc('', { key: keys.deleter! }))).toBe('403 PV1007');
  expect(refused(await gc('', { key: null }))).toBe('401 PV1005');
  expect((await gc('', { key: keys.runner! })).status).toBe(200);
});
