import { randomBytes } from 'node:crypto';
import { setClients } from '../../support/iam.js';
import { NOWHERE, addCollection, addObject, fieldsOf, refusal, refused } from '../../support/steps.js';
import { type Answer, type Sent, type TestVault, startVault } from '../../support/vault.js';
import { bulkOf, entriesOf, outcomes } from './bulk.js';

/** Values of several types, text of every script among them. */
const SCHEMA = `users PERSONS ( name NAME NULL, ssn SSN UNIQUE NULL, email EMAIL NULL INDEX, age INTEGER NULL,
  doc JSON NULL, flag BOOLEAN NULL, born DATE_OF_BIRTH NULL );`;
const ANN = {
  name: 'Änn 李',
  ssn: '123-12-1234',
  email: 'Ann@b.co',
  age: 41,
  doc: { a: [1, 'ß'] },
  flag: true,
  born: '1980-02-29',
};
const ALL = '?options=unsafe,show_builtins&export=true';

const COATCHECK_KMS_EXPORT_KEY = randomBytes(32).toString('hex');
let from: TestVault;
let to: TestVault;
let exportKey: string;
const list = (query: string, sent: Sent = {}): Promise<Answer> =>
  from.send('GET', `/data/collections/users/objects${query}`, sent);
/** What a vault exported, as the importing one takes it. */
const exported = async (query = ALL): Promise<Record<string, string>[]> =>
  (await list(query)).body.results as Record<string, string>[];
const importing = (key = exportKey): string => `?import=true&export_key=${encodeURIComponent(key)}`;
const add = (json: unknown, query = importing()): Promise<Answer> =>
  to.send('POST', `/data/collections/users/objects${query}`, { json });

beforeAll(async () => {
  from = await startVault({ COATCHECK_KMS_EXPORT_KEY });
  to = await startVault({ COATCHECK_KMS_EXPORT_KEY, COATCHECK_KMS_KEY: randomBytes(32).toString('hex') });
  // So that the numbers of collection and properties are others there.
  await addCollection(to, 'first PERSONS ( a STRING NULL, b STRING NULL );');
  for (const vault of [from, to]) await addCollection(vault, SCHEMA);
  exportKey = (await from.send('GET', '/system/admin/export_key')).body.export_key;
});
afterAll(async () => {
  await from.close();
  await to.close();
});
beforeEach(async () => {
  for (const vault of [from, to]) {
    const { body } = await vault.send('GET', '/data/collections/users/objects?props=id&page_size=1000');
    await bulkOf(() => vault)('DELETE', body.results);
  }
});

describe('export=true', () => {
  test('the values are sealed, each anew, and what is no personal data is as it is', async () => {
    const id = await addObject(from, { ...ANN, _tenant_id: 'acme' }, { query: '?expiration_secs=60' });
    const [object] = await exported();
    const plain = (await fieldsOf(from, id, '?options=unsafe,show_builtins')) as Record<string, unknown>;
    for (const name of Object.keys(ANN)) expect(object![name]).toMatch(/^[A-Za-z0-9_-]{56,}$/);
    const builtins = Object.keys(plain).filter((name) => name.startsWith('_'));
    expect(builtins).toEqual(
      expect.arrayContaining(['_tenant_id', '_creation_time', '_modification_time', '_expiration_time']),
    );
    for (const name of builtins) expect(object![name]).toBe(plain[name]);
    expect(Object.keys(object!).sort()).toEqual(['id', ...builtins, ...Object.keys(ANN)].sort());
    const text = JSON.stringify(object);
    for (const value of ['Änn', '12-1234', 'Ann@b.co', 'ß', '1980-02']) expect(text).not.toContain(value);
    expect((await exported())[0]!.ssn).not.toBe(object!.ssn);
  });

  test('by ids, by page and by props it is the same list', async () => {
    const ids = [await addObject(from, ANN), await addObject(from, { name: 'B' }), await addObject(from, {})];
    const page = await list('?props=id,name&export=true&page_size=2');
    expect(page.body.results.map(({ id }: { id: string }) => id)).toEqual(ids.slice(0, 2));
    expect(page.body.paging).toMatchObject({ size: 2, remaining_count: 1 });
    const cursor = encodeURIComponent(page.body.paging.cursor);
    expect((await exported(`?props=id,name&export=true&cursor=${cursor}`)).map(({ id }) => id)).toEqual([
      ids[2],
    ]);
    // A cursor of an export does not open the plain list, nor the other way round.
    expect(refused(await list(`?props=id,name&cursor=${cursor}`))).toBe('400 PV9005');
    expect(
      (await exported(`?props=id,name&export=true&ids=${ids[1]},${ids[0]}`)).map(({ id }) => id),
    ).toEqual([ids[1], ids[0]]);
  });

  test('the log says that it was an export', async () => {
    const id = await addObject(from, ANN);
    await list('?props=id,ssn&export=true');
    expect((await entriesOf(from, 'listObjects')).at(-1)).toMatchObject({
      outcome: 'allowed',
      objects: [id],
      revealed: [{ property: 'id' }, { property: 'ssn' }],
      rule: expect.stringMatching(/ export$/),
    });
  });

  test.each([
    ['?props=id,ssn.mask&export=true', { field: 'props', reason: 'an export takes no transformations' }],
    ['?props=ssn&export=true', { field: 'props', reason: 'an export needs the id' }],
  ])('400: %s is PV9006', async (query, context) => {
    expect(refusal(await list(query))).toEqual([400, 'PV9006', context]);
  });

  test('403: a role that sees a property masked cannot export it, and can export the others', async () => {
    await addObject(from, ANN);
    const { masked, blind } = await setClients(from, [
      {
        name: 'masked',
        capabilities: ['CapDataReader'],
        allow: [{ operations: ['*'], resources: ['*'] }],
        masks: { 'users/ssn': 'mask' },
      },
      {
        name: 'blind',
        capabilities: ['CapDataReader'],
        allow: [{ operations: ['read'], resources: ['users/properties/id'] }],
      },
    ]);
    expect((await list('?props=id,ssn', { key: masked! })).status).toBe(200);
    for (const query of ['?props=id,ssn&export=true', ALL])
      expect(refusal(await list(query, { key: masked! }))).toEqual([403, 'PV1006', { username: 'masked' }]);
    expect((await list('?props=id,name&export=true', { key: masked! })).status).toBe(200);
    expect(refused(await list('?props=id,name&export=true', { key: blind! }))).toBe('403 PV1006');
  });
});

describe('export_key', () => {
  test('what was exported by one vault is the same object in another one with the same export root key', async () => {
    const id = await addObject(from, { ...ANN, _tenant_id: 'acme' }, { query: '?expiration_secs=600' });
    const before = await fieldsOf(from, id, '?options=unsafe,show_builtins');
    const answer = await add((await exported())[0]);
    expect(answer.body).toEqual({ id });
    expect(await fieldsOf(to, id, '?options=unsafe,show_builtins')).toEqual(before);
    const found = await to.send('POST', '/data/collections/users/query/objects?props=id', {
      json: { match: { email: 'Ann@b.co' } },
    });
    expect(found.body.results).toEqual([{ id }]);
  });

  test('in bulk, changes included', async () => {
    for (const name of ['A', 'B', 'C']) await addObject(from, { name, email: `${name}@b.co` });
    const bulk = bulkOf(() => to);
    const ids = outcomes(await bulk('POST', await exported(), importing()));
    expect(await fieldsOf(to, ids[1]!)).toEqual({ name: 'B', email: 'B@b.co' });

    await bulkOf(() => from)(
      'PATCH',
      ids.map((id) => ({ id, name: `new ${id}` })),
    );
    const change = await exported('?props=id,name&export=true');
    expect((await bulk('PATCH', change, `?export_key=${exportKey}`)).body.ok).toBe(true);
    expect(await fieldsOf(to, ids[2]!)).toEqual({ name: `new ${ids[2]}`, email: 'C@b.co' });
  });

  test('a change by id opens values exported from that object; null still clears', async () => {
    const id = await addObject(from, ANN);
    const [object] = await exported();
    await add(object);
    const patch = (json: unknown): Promise<Answer> =>
      to.send('PATCH', `/data/collections/users/objects/${id}?export_key=${exportKey}`, { json });
    expect((await patch({ name: object!.name, age: null })).status).toBe(200);
    expect(await fieldsOf(to, id, '?props=name,age')).toEqual({ name: ANN.name });
    expect(refusal(await patch({ email: object!.name }))).toEqual([400, 'PV9032', { property: 'email' }]);
  });

  test('a value moved to another property or object, or not sealed at all, is PV9032 and nothing is stored', async () => {
    await addObject(from, ANN);
    const [object] = await exported('?props=id,name,ssn&export=true');
    for (const [json, property] of [
      [{ ...object, name: object!.ssn }, 'name'],
      [{ ...object, id: NOWHERE }, 'name'],
      [{ ...object, ssn: '123-12-1234' }, 'ssn'],
      [{ id: object!.id, age: 41 }, 'age'],
    ] as const) {
      const answer = await add(json);
      expect(refusal(answer)).toEqual([400, 'PV9032', { property }]);
    }
    expect(outcomes(await bulkOf(() => to)('POST', [{ ...object, id: NOWHERE }], importing()))).toEqual([
      'PV9032',
    ]);
    expect((await to.send('GET', '/data/collections/users/count/objects')).body.total).toBe(0);
  });

  test('without its id a value belongs nowhere: PV9006', async () => {
    await addObject(from, ANN);
    const [object] = await exported();
    delete object!.id;
    expect(refusal(await add(object))).toEqual([
      400,
      'PV9006',
      { property: 'id', reason: 'an exported object needs its id' },
    ]);
  });

  test.each(['k', 'AS8', ''.padEnd(164, 'A'), 'a b'])('%j is no export key: PV9033', async (key) => {
    expect(refusal(await add({}, importing(key)))).toEqual([400, 'PV9033', { field: 'export_key' }]);
    for (const method of ['POST', 'PATCH'] as const) {
      expect(refused(await bulkOf(() => to)(method, [], importing(key)))).toBe('400 PV9033');
    }
  });

  test('an empty one counts as absent', async () => {
    expect((await add({ name: 'plain' }, '?export_key=&import=')).status).toBe(200);
  });

  test('a vault with another export root key opens neither the key nor the values', async () => {
    await addObject(from, ANN);
    const [object] = await exported();
    const stranger = await startVault();
    await addCollection(stranger, SCHEMA);
    const path = `/data/collections/users/objects${importing()}`;
    expect(refused(await stranger.send('POST', path, { json: object }))).toBe('400 PV9033');
    const own = (await stranger.send('GET', '/system/admin/export_key')).body.export_key as string;
    expect(
      refused(
        await stranger.send('POST', `/data/collections/users/objects${importing(own)}`, { json: object }),
      ),
    ).toBe('400 PV9032');
    await stranger.close();
  });

  test('values that the other vault’s types refuse are PV3002 as any', async () => {
    await addCollection(from, 'things DATA ( v STRING NULL );');
    await addCollection(to, 'things DATA ( v INTEGER NULL );');
    await addObject(from, { v: 'text' }, { collection: 'things' });
    const { body } = await from.send('GET', `/data/collections/things/objects${ALL}`);
    const answer = await to.send('POST', `/data/collections/things/objects${importing()}`, {
      json: body.results[0],
    });
    expect(refused(answer)).toBe('400 PV3002');
  });
});
