import { setClients } from '../../support/iam.js';
import { NOWHERE, addCollection, addObject, refusal, refused, sql } from '../../support/steps.js';
import { type Answer, type Sent, type TestVault, startVault } from '../../support/vault.js';

/** `people` own `docs`; `notes` are DATA as well. */
let vault: TestVault;

beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault, 'people PERSONS ( name STRING NULL );');
  await addCollection(vault, 'staff PERSONS ( name STRING NULL );');
  await addCollection(
    vault,
    'docs DATA ( title STRING NULL SUBSTRING_INDEX, number STRING NULL UNIQUE, kind STRING NULL INDEX );',
  );
  await addCollection(vault, 'notes DATA ( text STRING NULL );');
});
afterAll(() => vault.close());

const person = (sent: Parameters<typeof addObject>[2] = {}, json: object = {}): Promise<string> =>
  addObject(vault, json, { collection: 'people', ...sent });
const doc = (owner: string, json: object = {}, sent: Parameters<typeof addObject>[2] = {}): Promise<string> =>
  addObject(
    vault,
    { title: 'a title', _owner_id: owner, _owner_collection: 'people', ...json },
    { collection: 'docs', ...sent },
  );
const add = (collection: string, json: object, sent: Sent = {}): Promise<Answer> =>
  vault.send('POST', `/data/collections/${collection}/objects`, { json, ...sent });
const get = (collection: string, id: string, query = 'options=unsafe,show_builtins'): Promise<Answer> =>
  vault.send('GET', `/data/collections/${collection}/objects/${id}?${query}`);
const update = (collection: string, id: string, json: object, query = ''): Promise<Answer> =>
  vault.send('PATCH', `/data/collections/${collection}/objects/${id}${query}`, { json });
const remove = (collection: string, id: string, query = ''): Promise<Answer> =>
  vault.send('DELETE', `/data/collections/${collection}/objects/${id}${query}`);
const token = async (object: string, type = 'randomized'): Promise<string> => {
  const json = [{ type, object: { id: object }, props: ['title'] }];
  return (await vault.send('POST', '/data/collections/docs/tokens', { json })).body[0].token_id;
};
const detokenized = async (id: string): Promise<unknown[]> =>
  (await vault.send('GET', `/data/collections/docs/tokens?token_ids=${id}`)).body;
const counts = async (): Promise<Record<string, number>> =>
  (await vault.send('GET', '/data/collections/docs/count/objects')).body;

/** What is left of an object anywhere. */
const leftOf = async (id: string): Promise<unknown> =>
  (
    (await sql(
      vault,
      `select (select count(*) from object where id = $1) + (select count(*) from blind_index where object_id = $1)
       + (select count(*) from substring_index where object_id = $1) + (select count(*) from token where object_id = $1)
       + (select count(*) from keystore.object_key where record_id = $1) as n`,
      [id],
    )) as [{ n: string }]
  )[0].n;

describe('an owner', () => {
  test('is set on add in any case of its id, shown by name, and gives its tenant', async () => {
    const owner = await person({ headers: { 'x-tenant-id': 'acme' } });
    const id = await doc(owner.toUpperCase());
    expect((await get('docs', id)).body).toMatchObject({
      _owner_id: owner,
      _owner_collection: 'people',
      _tenant_id: 'acme',
      title: 'a title',
    });
  });

  test('is set, changed and taken away on update', async () => {
    const [first, second] = [await person(), await person()];
    const id = await addObject(vault, { title: 'x' }, { collection: 'docs' });
    const ownerOf = async (): Promise<unknown> => (await get('docs', id)).body._owner_id;
    for (const owner of [first, second, second]) {
      expect((await update('docs', id, { _owner_id: owner, _owner_collection: 'people' })).status).toBe(200);
      expect(await ownerOf()).toBe(owner);
    }
    await remove('people', first);
    expect(await ownerOf()).toBe(second);
    expect((await update('docs', id, { title: 'y' })).status).toBe(200);
    expect(await ownerOf()).toBe(second);
    expect((await update('docs', id, { _owner_id: null, _owner_collection: null })).status).toBe(200);
    expect(await ownerOf()).toBeUndefined();
    await remove('people', second);
    expect((await get('docs', id)).body.title).toBe('y');
  });

  test('null is no owner', async () => {
    const id = await addObject(
      vault,
      { _owner_id: null, _owner_collection: null, title: 'x' },
      { collection: 'docs' },
    );
    expect((await get('docs', id)).body._owner_id).toBeUndefined();
  });

  test('comes with an object that a tokenization stores', async () => {
    const owner = await person();
    const fields = { title: 'stored', _owner_id: owner, _owner_collection: 'people' };
    const json = [{ type: 'randomized', object: { fields }, props: ['title'], store_object: true }];
    const [made] = (await vault.send('POST', '/data/collections/docs/tokens', { json })).body;
    expect(await detokenized(made.token_id)).toHaveLength(1);
    await remove('people', owner);
    expect(await detokenized(made.token_id)).toEqual([]);
    expect(await leftOf(made.object_id)).toBe('0');
  });
});

describe('400 PV9035', () => {
  let owner: string;
  let gone: string;
  let archived: string;
  let other: string;
  beforeAll(async () => {
    [owner, gone, archived] = [await person(), await person(), await person()];
    other = await addObject(vault, {}, { collection: 'notes' });
    await remove('people', gone);
    await update('people', archived, {}, '?expiration_secs=0');
  });
  const cases: [string, () => object, string][] = [
    ['an id without a collection', () => ({ _owner_id: owner }), '_owner_collection'],
    [
      'an id with null for a collection',
      () => ({ _owner_id: owner, _owner_collection: null }),
      '_owner_collection',
    ],
    ['a collection without an id', () => ({ _owner_collection: 'people' }), '_owner_id'],
    [
      'a collection that does not exist',
      () => ({ _owner_id: owner, _owner_collection: 'nobody' }),
      '_owner_collection',
    ],
    [
      'a collection of DATA: chains and cycles',
      () => ({ _owner_id: other, _owner_collection: 'notes' }),
      '_owner_collection',
    ],
    ['an owner in another collection', () => ({ _owner_id: owner, _owner_collection: 'staff' }), '_owner_id'],
    ['an owner that never was', () => ({ _owner_id: NOWHERE, _owner_collection: 'people' }), '_owner_id'],
    ['an owner that was deleted', () => ({ _owner_id: gone, _owner_collection: 'people' }), '_owner_id'],
    ['an owner that is archived', () => ({ _owner_id: archived, _owner_collection: 'people' }), '_owner_id'],
  ];

  test.each(cases)('%s, on add and on update', async (_, fields, property) => {
    const id = await addObject(vault, {}, { collection: 'docs' });
    for (const answer of [await add('docs', fields()), await update('docs', id, fields())]) {
      const [status, code, context] = refusal(answer);
      expect([status, code, context.property]).toEqual([400, 'PV9035', property]);
    }
  });

  test('an owned object names no tenant of its own', async () => {
    const [, , context] = refusal(
      await add('docs', { _owner_id: owner, _owner_collection: 'people', _tenant_id: 't' }),
    );
    expect(context.property).toBe('_tenant_id');
  });

  test('a person has no owner, so that nothing can be owned in a chain or a circle', async () => {
    const fields = { _owner_id: owner, _owner_collection: 'people' };
    expect(refused(await add('people', fields))).toBe('400 PV9035');
    expect(refused(await update('people', owner, fields))).toBe('400 PV9035');
    expect(refused(await add('staff', fields))).toBe('400 PV9035');
  });

  test('an owner of another tenant than the object has', async () => {
    const foreign = await person({}, { _tenant_id: 'foreign' });
    const id = await addObject(vault, { _tenant_id: 'home' }, { collection: 'docs' });
    const fields = { _owner_id: foreign, _owner_collection: 'people' };
    expect(refused(await update('docs', id, fields))).toBe('400 PV9035');
  });

  test('bare fields to be tokenized belong to nobody', async () => {
    const fields = { title: 'x', _owner_id: owner, _owner_collection: 'people' };
    const json = [{ type: 'randomized', object: { fields } }];
    expect(refused(await vault.send('POST', '/data/collections/docs/tokens', { json }))).toBe('400 PV9035');
  });
});

test('400: an id that is no UUID is PV3002', async () => {
  expect(refused(await add('docs', { _owner_id: 'x', _owner_collection: 'people' }))).toBe('400 PV3002');
});

test('403: an owner of a tenant that the request is not for is PV9009, and policies are asked for the owner', async () => {
  const owner = await person({}, { _tenant_id: 'a' });
  const fields = { _owner_id: owner, _owner_collection: 'people' };
  expect(refused(await add('docs', fields, { headers: { 'x-tenant-id': 'b' } }))).toBe('403 PV9009');
  const { writer } = await setClients(vault, [
    {
      name: 'writer',
      capabilities: ['CapDataWriter'],
      allow: [{ operations: ['write'], resources: ['docs/properties/title'] }],
    },
  ]);
  expect((await add('docs', { title: 'x' }, { key: writer! })).status).toBe(200);
  expect(refused(await add('docs', { title: 'x', ...fields }, { key: writer! }))).toBe('403 PV1006');
});

describe('what is owned lives as long as its owner', () => {
  test('archiving the owner archives it and takes its tokens out, restoring brings both back', async () => {
    const owner = await person();
    const id = await doc(owner, { kind: 'k1' });
    const tokens = [await token(id), await token(id, 'pointer')];
    const search = async (json: object, query = ''): Promise<number> =>
      (await vault.send('POST', `/data/collections/docs/query/objects?props=id${query}`, { json })).body
        .results.length;
    const before = await counts();

    await update('people', owner, {}, '?expiration_secs=0');
    expect(refused(await get('docs', id))).toBe('404 PV3005');
    expect(refused(await update('docs', id, { title: 'no' }))).toBe('404 PV3005');
    expect((await get('docs', id, 'props=title&options=archived')).body).toEqual({ title: 'a title' });
    for (const each of tokens) expect(await detokenized(each)).toEqual([]);
    for (const json of [
      { match: { kind: 'k1' } },
      { like: { title: '*title' }, match: { id } },
      { match: { id } },
    ]) {
      expect(await search(json)).toBe(0);
      expect(await search(json, '&options=archived')).toBe(1);
    }
    expect(refused(await vault.send('GET', `/data/collections/docs/objects?props=id&ids=${id}`))).toBe(
      '404 PV3005',
    );
    expect(await counts()).toEqual({
      active: before.active! - 1,
      archived: before.archived! + 1,
      total: before.total,
    });
    expect((await update('docs', id, {}, '?options=archived&expiration_secs=')).status).toBe(200);
    expect(refused(await get('docs', id))).toBe('404 PV3005');

    await update('people', owner, {}, '?options=archived&expiration_secs=');
    expect((await get('docs', id)).body.title).toBe('a title');
    for (const each of tokens) expect(await detokenized(each)).toHaveLength(1);
    expect(await counts()).toEqual(before);
  });

  test('the earlier expiry counts, and tokens say so', async () => {
    const owner = await person({ query: '?expiration_secs=3600' });
    const id = await doc(owner, {}, { query: '?expiration_secs=7200' });
    const made = await token(id);
    const [found] = (
      await vault.send('POST', '/data/collections/docs/query/tokens', { json: { token_ids: [made] } })
    ).body;
    const ownerExpiry = (await get('people', owner)).body._expiration_time;
    expect(found.tokens[0]).toMatchObject({ expiration_time: null, effective_expiration_time: ownerExpiry });
    expect(Date.parse((await get('docs', id)).body._expiration_time)).toBeGreaterThan(
      Date.parse(ownerExpiry),
    );

    await sql(vault, 'update object set expires_at = now() where id = $1', [owner]);
    expect(refused(await get('docs', id))).toBe('404 PV3005');
    expect(await detokenized(made)).toEqual([]);
  });

  test('deleting the owner deletes it for good, with its keys, indexes and tokens', async () => {
    const owner = await person();
    const [id, expired, kept] = [
      await doc(owner, { number: 'n1' }),
      await doc(owner),
      await doc(await person()),
    ];
    await update('docs', expired, {}, '?expiration_secs=0');
    const tokens = [await token(id), await token(id, 'pointer')];
    expect(await leftOf(id)).not.toBe('0');

    expect((await remove('people', owner)).status).toBe(200);
    for (const each of [id, expired]) {
      expect(refused(await get('docs', each))).toBe('404 PV3005');
      expect(refused(await get('docs', each, 'props=title&options=archived'))).toBe('404 PV3005');
      expect(await leftOf(each)).toBe('0');
    }
    for (const each of tokens) expect(await detokenized(each)).toEqual([]);
    expect((await get('docs', kept)).status).toBe(200);
    // The value is free again.
    await doc(await person(), { number: 'n1' });
  });

  test('deleting an archived owner deletes it too', async () => {
    const owner = await person();
    const id = await doc(owner);
    await update('people', owner, {}, '?expiration_secs=0');
    expect((await remove('people', owner, '?options=archived')).status).toBe(200);
    expect(await leftOf(id)).toBe('0');
  });

  test('deleting the collection of the owners deletes it too, deleting its own leaves them', async () => {
    await addCollection(vault, 'guests PERSONS ( name STRING NULL );');
    await addCollection(vault, 'bags DATA ( title STRING NULL );');
    const owner = await addObject(vault, {}, { collection: 'guests' });
    const fields = { title: 'x', _owner_id: owner, _owner_collection: 'guests' };
    await addObject(vault, fields, { collection: 'bags' });
    const id = await addObject(vault, fields, { collection: 'docs' });
    const made = await token(id);
    expect((await vault.send('DELETE', '/ctl/collections/bags')).status).toBe(200);
    expect((await get('guests', owner)).status).toBe(200);
    expect((await vault.send('DELETE', '/ctl/collections/guests')).status).toBe(200);
    expect(await leftOf(id)).toBe('0');
    expect(await detokenized(made)).toEqual([]);
  });

  test('its unique value can be taken while its owner is archived; then the owner cannot be restored', async () => {
    const [owner, other] = [await person(), await person()];
    await doc(owner, { number: 'taken' });
    await update('people', owner, {}, '?expiration_secs=0');
    const taker = await doc(other, { number: 'taken' });
    expect(refused(await update('people', owner, {}, '?options=archived&expiration_secs='))).toBe(
      '409 PV9001',
    );
    await remove('docs', taker);
    expect((await update('people', owner, {}, '?options=archived&expiration_secs=')).status).toBe(200);
    expect(refused(await add('docs', { number: 'taken' }))).toBe('409 PV9001');
  });

  test('an owner changed past the vault does not open', async () => {
    const [owner, thief] = [await person(), await person()];
    const id = await doc(owner);
    await sql(vault, 'update object set owner_id = $2 where id = $1', [id, thief]);
    expect(refused(await get('docs', id))).toBe('410 PV9010');
  });
});

describe('expiration by default', () => {
  test('has a setting for owned objects and one for the others', async () => {
    const configured = await startVault({
      COATCHECK_EXPIRATION_ASSOCIATED_OBJECTS: '1h',
      PVAULT_EXPIRATION_UNASSOCIATED_OBJECTS: '10h',
    });
    await addCollection(configured, 'people PERSONS ( name STRING NULL );');
    await addCollection(configured, 'docs DATA ( title STRING NULL );');
    const owner = await addObject(configured, {}, { collection: 'people' });
    const hours = async (json: object, query = ''): Promise<number> => {
      const id = await addObject(configured, json, { collection: 'docs', query });
      const shown = await configured.send(
        'GET',
        `/data/collections/docs/objects/${id}?props=_expiration_time`,
      );
      return Math.round((Date.parse(shown.body._expiration_time) - Date.now()) / 3_600_000);
    };
    const fields = { _owner_id: owner, _owner_collection: 'people' };
    expect(await hours({})).toBe(10);
    expect(await hours(fields)).toBe(1);
    expect(await hours(fields, '?expiration_secs=')).toBeNaN();
    await configured.close();
  });
});

describe('at the same time', () => {
  test('an owner deleted while it is being given objects and tokens leaves nothing behind', async () => {
    const outcomes = new Set<string>();
    for (let round = 0; round < 12; round++) {
      const owner = await person();
      const early = await doc(owner);
      const json = { title: 'late', _owner_id: owner, _owner_collection: 'people' };
      const adding = Array.from({ length: 6 }, () => add('docs', json));
      const tokens = Array.from({ length: 4 }, () =>
        vault.send('POST', '/data/collections/docs/tokens', {
          json: [{ type: 'randomized', object: { id: early }, props: ['title'] }],
        }),
      );
      const ownerless = await addObject(vault, {}, { collection: 'docs' });
      const adopted = update('docs', ownerless, { _owner_id: owner, _owner_collection: 'people' });
      const deleted = remove('people', owner);
      const answers = await Promise.all([...adding, ...tokens, adopted, deleted]);

      for (const answer of answers) outcomes.add(answer.status === 200 ? '200' : refused(answer));
      expect((await deleted).status).toBe(200);
      const orphans = `select (select count(*) from object where owner_id = $1) +
        (select count(*) from token t where not exists (select from object o where o.id = t.object_id)) +
        (select count(*) from keystore.object_key k where not exists (select from object o where o.id = k.record_id)) +
        (select count(*) from substring_index s where not exists (select from object o where o.id = s.object_id)) +
        (select count(*) from blind_index b where not exists (select from object o where o.id = b.object_id)) as n`;
      expect(await sql(vault, orphans, [owner])).toEqual([{ n: '0' }]);
    }
    for (const outcome of outcomes) {
      expect(['200', '400 PV9035', '404 PV3005', '409 PV3218']).toContain(outcome);
    }
  });

  test('an object whose owner is restored while its unique value is being taken: one of them has it', async () => {
    for (let round = 0; round < 12; round++) {
      const owner = await person();
      const number = `race ${round}`;
      await doc(owner, { number });
      await update('people', owner, {}, '?expiration_secs=0');
      const [restored, taken] = await Promise.all([
        update('people', owner, {}, '?options=archived&expiration_secs='),
        add('docs', { number }),
      ]);
      expect([restored.status, taken.status].sort()).toEqual([200, 409]);
      const found = await vault.send('POST', '/data/collections/docs/query/objects?props=id', {
        json: { match: { number } },
      });
      expect(found.body.results).toHaveLength(1);
    }
  });
});
