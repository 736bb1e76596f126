import { setClients } from '../../support/iam.js';
import {
  addCollection,
  addObject,
  detokenize,
  fieldsOf,
  refusal,
  refused,
  sql,
  tokenize,
} from '../../support/steps.js';
import { type Answer, type Sent, type TestVault, startVault } from '../../support/vault.js';
import { encrypt, encryptFields } from './support.js';

let vault: TestVault;
const FIELDS = { name: 'Ann', ssn: '123-12-1234' };
const EXPIRED = 'body[0].object.encrypted';
const as = (tenant: string): Sent => ({ headers: { 'x-tenant-id': tenant } });
const hash = (items: unknown, sent: Sent = {}): Promise<Answer> =>
  vault.send('POST', '/data/collections/users/hash/objects', { json: items, ...sent });
const make = (items: unknown, sent: Sent = {}): Promise<Answer> =>
  vault.send('POST', '/data/collections/users/tokens', { json: items, ...sent });
const change = (token: string, json: unknown, sent: Sent = {}): Promise<Answer> =>
  vault.send('PATCH', `/data/collections/users/tokens?token_ids=${token}`, { json, ...sent });
const valueOf = async (token: string): Promise<unknown> =>
  ((await detokenize(vault, `token_ids=${token}`)) as { fields: unknown }[])[0]?.fields;
const sealed = async (fields: object = FIELDS, item = {}, more = {}): Promise<{ encrypted: object }> => ({
  encrypted: { ciphertext: await encryptFields(vault, fields, item, more) },
});
const random = (object: object, more: object = {}): object => ({ type: 'randomized', object, ...more });

beforeAll(async () => {
  vault = await startVault();
  await addCollection(
    vault,
    'users PERSONS ( name NAME, ssn SSN NULL, card CC_NUMBER NULL, photo BLOB NULL );',
  );
  await addCollection(vault, 'pets DATA ( name NAME );');
});
afterAll(() => vault.close());

describe('200', () => {
  test('a token of a ciphertext stands for what is in it, all or the properties named', async () => {
    const photo = Buffer.from([0, 255, 7]).toString('base64');
    const object = await sealed({ ...FIELDS, photo });
    expect(await valueOf(await tokenize(vault, { object }))).toEqual({ ...FIELDS, photo });
    expect(await valueOf(await tokenize(vault, { object, props: ['ssn'] }))).toEqual({ ssn: FIELDS.ssn });
  });

  test('equal values have one id, whether they come encrypted, as fields or from an object', async () => {
    const id = await addObject(vault, FIELDS);
    const inputs = [
      { fields: FIELDS },
      { id },
      await sealed(),
      await sealed(FIELDS, { type: 'deterministic' }),
    ];
    for (const type of ['pci', 'pci_oneway', 'deterministic']) {
      const { body } = await make(inputs.map((object) => ({ type, object, props: ['name', 'ssn'] })));
      expect(new Set(body.map((each: { token_id: string }) => each.token_id)).size).toBe(1);
    }
    const { body } = await hash(inputs.map((object) => ({ object, props: ['name', 'ssn'] })));
    expect(new Set(body.map((each: { token_id: string }) => each.token_id)).size).toBe(1);
    const template = { fptemplate: 'primary_account_number', fpprops: ['card'] };
    const card = { card: '4929123412341232' };
    const [a, b] = (
      await hash([
        { object: { fields: card }, ...template },
        { object: await sealed(card), ...template },
      ])
    ).body;
    expect(a).toEqual(b);
  });

  test('the scope of a ciphertext is the one it was made with', async () => {
    const ciphertext = await encryptFields(vault, FIELDS, { scope: 's' });
    expect(
      await valueOf(await tokenize(vault, { object: { encrypted: { ciphertext, scope: 's' } } })),
    ).toEqual(FIELDS);
    expect(refusal(await make([random({ encrypted: { ciphertext } })]))).toEqual([
      400,
      'PV9047',
      { field: 'body[0].object.encrypted' },
    ]);
  });

  test('a later item may mean the ciphertext of an earlier one', async () => {
    const { body } = await make([
      random(await sealed(), { props: ['ssn'] }),
      random({ request_index: 0 }, { props: ['name'] }),
    ]);
    expect(await valueOf(body[1].token_id)).toEqual({ name: 'Ann' });
  });

  test('store_object stores what is in it, with the id it was encrypted with', async () => {
    const id = '11111111-2222-4333-8444-555555555555';
    const object = await sealed({ ...FIELDS, id }, { props: ['id', 'name', 'ssn'] });
    const [{ token_id, object_id }] = (await make([random(object, { store_object: true })])).body;
    expect(object_id).toBe(id);
    expect(await fieldsOf(vault, id)).toEqual(FIELDS);
    expect(await valueOf(token_id)).toEqual(FIELDS);
    await vault.send('DELETE', `/data/collections/users/objects/${id}`);
    expect(await valueOf(token_id)).toBeUndefined();
    const pointer = { type: 'pointer', object: await sealed(), store_object: true };
    expect(await valueOf((await make([pointer])).body[0].token_id)).toEqual(FIELDS);
  });

  test('what is made of it belongs to its tenant', async () => {
    const object = await sealed(FIELDS, {}, as('a'));
    const [bare] = (await make([random(object)])).body;
    const [stored] = (await make([random(object, { store_object: true })], as('a'))).body;
    const path = (token: string): string => `/data/collections/users/tokens?token_ids=${token}`;
    for (const { token_id } of [bare, stored]) {
      expect((await vault.send('GET', path(token_id), as('a'))).status).toBe(200);
      expect(refused(await vault.send('GET', path(token_id), as('b')))).toBe('403 PV9009');
    }
    const query = '?props=_tenant_id';
    const shown = `/data/collections/users/objects/${stored.object_id}${query}`;
    expect((await vault.send('GET', shown)).body).toEqual({ _tenant_id: 'a' });
  });

  test('a token gets the values of a ciphertext', async () => {
    const token = await tokenize(vault, { object: { fields: { name: 'Old' } } });
    expect((await change(token, { object: await sealed(), props: ['ssn'] })).status).toBe(200);
    expect(await valueOf(token)).toEqual({ ssn: FIELDS.ssn });
  });

  test('a property that was deleted since is no longer in it', async () => {
    await addCollection(vault, 'things DATA ( a STRING NULL, b STRING NULL );');
    const object = await sealed({ a: 'x', b: 'y' }, {}, { collection: 'things' });
    await vault.send('DELETE', '/ctl/collections/things/properties/b');
    const { body } = await vault.send('POST', '/data/collections/things/tokens', { json: [random(object)] });
    const path = `/data/collections/things/tokens?token_ids=${body[0].token_id}`;
    expect((await vault.send('GET', path)).body[0].fields).toEqual({ a: 'x' });
  });
});

describe('400', () => {
  const each = async (object: object, sent: Sent = {}): Promise<unknown[]> => {
    const token = await tokenize(vault, { object: { fields: { name: 'x' } } });
    return [
      refusal(await make([random(object)], sent)),
      refusal(await hash([{ object }], sent)),
      refusal(await change(token, { object }, sent)),
    ];
  };
  const everywhere = (code: string): unknown[] => [
    [400, code, { field: EXPIRED }],
    [400, code, { field: EXPIRED }],
    [400, code, { field: 'body.object.encrypted' }],
  ];

  test('what is no ciphertext, one that was changed and one of another collection', async () => {
    const { ciphertext } = (await sealed()).encrypted as { ciphertext: string };
    const bytes = Buffer.from(ciphertext, 'base64');
    bytes[bytes.length - 1]! ^= 1;
    const foreign = await encryptFields(vault, { name: 'Rex' }, {}, { collection: 'pets' });
    for (const wrong of ['AgAB', bytes.toString('base64'), foreign])
      expect(await each({ encrypted: { ciphertext: wrong } })).toEqual(everywhere('PV9047'));
  });

  test('one of another tenant does not open either', async () =>
    expect(await each(await sealed(FIELDS, {}, as('a')), as('b'))).toEqual([
      ...everywhere('PV9047').slice(0, 2),
      [400, 'PV9047', { field: 'body.object.encrypted' }],
    ]));

  test('one that has expired is PV3233', async () => {
    const object = await sealed(FIELDS, {}, { query: '?expiration_secs=1' });
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect(await each(object)).toEqual(everywhere('PV3233'));
  });

  test('one bad ciphertext refuses all, and nothing is stored', async () => {
    const before = await sql(vault, 'select (select count(*) from token), (select count(*) from object)');
    const items = [
      random(await sealed(), { store_object: true }),
      random({ encrypted: { ciphertext: 'AgAB' } }),
    ];
    expect(refusal(await make(items))[2]).toEqual({ field: 'body[1].object.encrypted' });
    expect(await sql(vault, 'select (select count(*) from token), (select count(*) from object)')).toEqual(
      before,
    );
  });

  test('an object needs its non-nullable properties, a pointer an object, and an owner is given plainly', async () => {
    const store = { store_object: true };
    expect(refused(await make([random(await sealed({ ssn: FIELDS.ssn }), store)]))).toBe('400 PV9002');
    expect(refused(await make([{ type: 'pointer', object: await sealed() }]))).toBe('400 PV9006');
    expect(refused(await hash([{ object: await sealed({ ssn: FIELDS.ssn }), props: ['name'] }]))).toBe(
      '400 PV9006',
    );

    const owner = await addObject(vault, FIELDS);
    const pet = { name: 'Rex', _owner_id: owner, _owner_collection: 'users' };
    const id = await addObject(vault, pet, { collection: 'pets' });
    const ciphertext = await encrypt(
      vault,
      { object: { id }, props: ['name', '_owner_id', '_owner_collection'] },
      { collection: 'pets' },
    );
    const send = (item: object): Promise<Answer> =>
      vault.send('POST', '/data/collections/pets/tokens', { json: [item] });
    const object = { encrypted: { ciphertext } };
    expect(refused(await send(random(object, store)))).toBe('400 PV9035');
    expect((await send(random(object))).status).toBe(200);
  });
});

describe('403', () => {
  test('policies are asked for what is in it, and none of it may be behind a mask where the id would tell', async () => {
    const allow = [{ operations: ['tokenize', 'hash', 'write'], resources: ['*'] }];
    const keys = await setClients(vault, [
      {
        name: 'some',
        capabilities: ['*'],
        allow: [{ operations: ['tokenize', 'hash'], resources: ['users/properties/name'] }],
      },
      { name: 'masked', capabilities: ['*'], allow, masks: { 'users/ssn': 'mask' } },
      {
        name: 'reader',
        capabilities: ['*'],
        allow: [{ operations: ['read', 'decrypt'], resources: ['*'] }],
      },
    ]);
    const object = await sealed();
    const token = await tokenize(vault, { type: 'pci', object: { fields: { name: 'secret name' } } });
    const key = (name: string): Sent => ({ key: keys[name]! });
    const both = async (name: string, props?: string[]): Promise<string[]> => [
      refused(await make([random(object, { props })], key(name))),
      refused(await hash([{ object, props }], key(name))),
    ];
    expect(await both('some', ['name'])).toEqual(['200 ', '200 ']);
    expect(await both('some')).toEqual(['403 PV1006', '403 PV1006']);
    expect(await both('masked', ['name'])).toEqual(['200 ', '200 ']);
    // A random id tells nothing of the value.
    expect(await both('masked')).toEqual(['200 ', '403 PV1006']);
    expect(refused(await make([{ type: 'pci', object }], key('masked')))).toBe('403 PV1006');
    expect(refused(await change(token, { object, props: ['ssn'] }, key('masked')))).toBe('403 PV1006');
    expect(refused(await make([random(object, { props: ['name'], store_object: true })], key('some')))).toBe(
      '403 PV1006',
    );
    // Who may do nothing of the kind does not learn whether a ciphertext is genuine.
    const wrong = { encrypted: { ciphertext: 'AgAB' } };
    expect(refused(await make([random(wrong)], key('reader')))).toBe('403 PV1006');
    expect(refused(await hash([{ object: wrong }], key('reader')))).toBe('403 PV1006');
    expect(refused(await change(token, { object: wrong }, key('reader')))).toBe('403 PV1006');
  });
});

test('404: an unknown property in props is PV2003', async () =>
  expect(refused(await make([random(await sealed(), { props: ['nick'] })]))).toBe('404 PV2003'));
