import type { OperationId } from '../../src/generated/contract.js';
import { CODE_TYPE, addBundle, addType } from '../support/bundles.js';
import { setClients, setIam } from '../support/iam.js';
import { addCollection, addObject, refusal, refused, sql } from '../support/steps.js';
import { type Answer, type Sent, type TestVault, startVault } from '../support/vault.js';

/** What custom data types do to objects, searches and tokens. */

const FUNCTIONS = `
exports.count = { type: 'transformer', handler: () => (globalThis.calls = (globalThis.calls || 0) + 1) };
exports.slow = { type: 'transformer', handler: () => { for (;;); } };
exports.secret = { type: 'transformer', handler: (context, object, value) => { throw new Error(value); } };
exports.nothing = { type: 'transformer', handler: () => null };
exports.year = { type: 'transformer', handler: () => new Date().getFullYear() };
exports.undecided = { type: 'validator', handler: () => 1 };
exports.failing = { type: 'normalizer', handler: (value) => { throw new Error(value); } };
exports.to_number = { type: 'normalizer', handler: () => 1 };
exports.endless = { type: 'validator', handler: () => { for (;;); } };
exports.timely = { type: 'normalizer', handler: (value) => value + Date.now() };
`;

let vault: TestVault;
beforeAll(async () => {
  vault = await startVault({ COATCHECK_SERVICE_ACTIONS_HTTP_CALL_ROLE: 'VaultAdminRole' });
  await addBundle(vault);
  await addBundle(vault, 'odd', FUNCTIONS);
  await addType(vault, CODE_TYPE);
  await addType(vault, {
    ...CODE_TYPE,
    name: 'SHY_CODE',
    transformers: ['sample.mask', 'sample.compact'],
    default_transformer: 'sample.mask',
  });
  await addType(vault, {
    name: 'ODD',
    base_type_name: 'STRING',
    transformers: ['odd.count', 'odd.slow', 'odd.secret', 'odd.nothing', 'odd.year'],
  });
  for (const [name, role] of [
    ['undecided', 'validator'],
    ['endless', 'validator'],
    ['failing', 'normalizer'],
    ['to_number', 'normalizer'],
    ['timely', 'normalizer'],
  ] as const) {
    await addType(vault, { name: name.toUpperCase(), base_type_name: 'STRING', [role]: `odd.${name}` });
  }
  await addType(vault, { name: 'BLURRED', base_type_name: 'BLOB', validator: 'odd.undecided' });
  await addType(vault, { name: 'REEL', base_type_name: 'BLOB', validator: 'odd.endless' });
  await addCollection(
    vault,
    `users PERSONS ( code CODE UNIQUE NULL, plain CODE NULL, name NAME NULL, nickname NAME NULL, shy SHY_CODE NULL,
      odd ODD NULL, undecided UNDECIDED NULL, failing FAILING NULL, number TO_NUMBER NULL, timely TIMELY NULL,
      endless ENDLESS NULL, blurred BLURRED NULL, reel REEL NULL )`,
  );
});
afterAll(() => vault.close());

const C = '/data/collections/users';
const read = (id: string, props: string, sent: Sent = {}): Promise<Answer> =>
  vault.send('GET', `${C}/objects/${id}?props=${props}`, sent);
const write = (json: object): Promise<Answer> => vault.send('POST', `${C}/objects`, { json });

describe('a value', () => {
  test('is validated, normalized, found however it is written, and unique in its normal form', async () => {
    const id = await addObject(vault, { code: 'ab1234', plain: 'cd-5678' });
    expect((await read(id, 'code,plain')).body).toEqual({ code: 'AB-1234', plain: 'CD-5678' });
    for (const match of [{ code: 'Ab-1234' }, { code: 'AB1234', plain: 'cd5678' }]) {
      const found = await vault.send('POST', `${C}/query/objects?props=id`, { json: { match } });
      expect(found.body.results).toEqual([{ id }]);
    }
    expect(refused(await write({ code: 'aB-1234' }))).toBe('409 PV9001');
    await vault.send('PATCH', `${C}/objects/${id}`, { json: { code: 'ef0001' } });
    expect((await read(id, 'code')).body).toEqual({ code: 'EF-0001' });
  });

  test('that its validator refuses is PV3002, in writes, searches and tokens', async () => {
    const expected = [
      400,
      'PV3002',
      { property: 'code', reason: 'must pass the validator of its data type' },
    ];
    expect(refusal(await write({ code: 'secret1' }))).toEqual(expected);
    const json = { match: { code: 'secret1' } };
    expect(refusal(await vault.send('POST', `${C}/query/objects?props=id`, { json }))).toEqual(expected);
    const token = [{ type: 'randomized', object: { fields: { code: 'secret1' } } }];
    expect(refusal(await vault.send('POST', `${C}/tokens`, { json: token }))).toEqual(expected);
    expect(vault.logged()).not.toContain('secret1');
  });

  test.each([
    ['undecided', 'PV9052'],
    ['failing', 'PV9052'],
    ['timely', 'PV9052'],
    ['number', 'PV3002'],
  ])('whose function does not do its part is refused: %s is %s', async (property, code) => {
    const answer = await write({ [property]: 'secret2' });
    expect(refused(answer)).toBe(`400 ${code}`);
    expect(answer.text + vault.logged()).not.toContain('secret2');
  });
});

describe('a transformation', () => {
  let id: string;
  beforeAll(async () => {
    id = await addObject(vault, {
      code: 'gh0001',
      name: 'Ann',
      nickname: 'Nan',
      shy: 'ij0001',
      odd: 'secret3',
    });
  });

  test('is named by its function, beside those of the type below', async () => {
    expect((await read(id, 'code,code.compact,code.mask')).body).toEqual({
      code: 'GH-0001',
      'code.compact': 'GH0001',
      'code.mask': '*******',
    });
    expect(refused(await read(id, 'name.compact'))).toBe('404 PV3004');
  });

  test('gets who asks, why and with which parameter, and the properties it depends on', async () => {
    const path = `${C}/objects/${id}?props=code.greeting&reason=Analytics`;
    const { body } = await vault.send('GET', path, { headers: { 'x-trans-param': 'formal' } });
    expect(body['code.greeting']).toEqual({
      context: {
        user: 'Admin',
        role: expect.any(String),
        reason: 'Analytics',
        collection: 'users',
        props: expect.objectContaining({ code: 'CODE', name: 'NAME' }),
        prop: 'code',
        param: 'formal',
      },
      object: { name: 'Ann', nickname: 'Nan' },
      value: 'GH-0001',
    });
    expect((await read(id, 'code.greeting')).body['code.greeting'].context).not.toHaveProperty('param');
  });

  test('that is the default is what the plain name shows, in objects, searches and tokens', async () => {
    expect((await read(id, 'shy,shy.compact')).body).toEqual({ shy: '*******', 'shy.compact': 'IJ0001' });
    expect((await vault.send('GET', `${C}/objects/${id}?options=unsafe`)).body).toMatchObject({
      shy: '*******',
    });
    const found = await vault.send('POST', `${C}/query/objects?props=shy`, {
      json: { match: { shy: 'ij0001' } },
    });
    expect(found.body.results).toEqual([{ shy: '*******' }]);
    const json = [{ type: 'randomized', object: { id }, props: ['shy', 'code'] }];
    const { token_id } = (await vault.send('POST', `${C}/tokens`, { json })).body[0];
    const shown = await vault.send('GET', `${C}/tokens?token_ids=${token_id}`);
    expect(shown.body[0].fields).toEqual({ shy: '*******', code: 'GH-0001' });
    const [entry] = (await vault.send('GET', '/api/coatcheck/1.0/audit/entries?operation=detokenize')).body
      .entries;
    expect(entry).toMatchObject({ outcome: 'masked' });
  });

  test('of a token reads of the object only what the token stands for', async () => {
    for (const type of ['pointer', 'randomized']) {
      const json = [{ type, object: { id }, props: ['code', 'name'] }];
      const { token_id } = (await vault.send('POST', `${C}/tokens`, { json })).body[0];
      const shown = await vault.send('GET', `${C}/tokens?token_ids=${token_id}&props=code.greeting`);
      expect(shown.body[0].fields['code.greeting'].object).toEqual({ name: 'Ann' });
    }
  });

  test('that gives nothing is left out, one that fails or takes too long is an error without words', async () => {
    expect((await read(id, 'id,odd.nothing')).body).toEqual({ id });
    expect((await read(id, 'odd.year')).body).toEqual({ 'odd.year': new Date().getFullYear() });
    const failed = await read(id, 'odd.secret');
    expect(refused(failed)).toBe('400 PV9052');
    expect(refused(await read(id, 'odd.slow'))).toBe('400 PV9053');
    expect(failed.text + vault.logged()).not.toContain('secret3');
  });

  test('keeps nothing from one request to the next', async () => {
    const counts = await Promise.all([1, 2, 3].map(() => read(id, 'odd.count')));
    expect(counts.map(({ body }) => body)).toEqual([1, 2, 3].map(() => ({ 'odd.count': 1 })));
  });

  test('works on a whole page', async () => {
    await Promise.all(Array.from({ length: 100 }, () => addObject(vault, { plain: 'zz0000' })));
    const { status, body } = await vault.send('GET', `${C}/objects?page_size=200&props=plain.compact`);
    expect(status).toBe(200);
    expect(body.results.filter((fields: object) => 'plain.compact' in fields).length).toBeGreaterThanOrEqual(
      100,
    );
  });
});

describe('policies and masks', () => {
  let id: string;
  beforeAll(async () => {
    id = await addObject(vault, { code: 'kl0001', name: 'Eve', shy: 'mn0001' });
  });

  test('a transformation and a custom type are resources like built-in ones', async () => {
    const { masked, typed } = await setClients(vault, [
      {
        name: 'masked',
        capabilities: ['CapDataReader'],
        allow: [{ operations: ['read'], resources: ['users/properties/code.compact'] }],
      },
      {
        name: 'typed',
        capabilities: ['CapDataReader'],
        allow: [{ operations: ['read'], resources: ['*/types/CODE.mask'] }],
      },
    ]);
    expect((await read(id, 'code.compact', { key: masked! })).body).toEqual({ 'code.compact': 'KL0001' });
    expect((await read(id, 'code.mask', { key: typed! })).body).toEqual({ 'code.mask': '*******' });
    for (const [props, key] of [
      ['code', masked],
      ['code.mask', masked],
      ['code.compact', typed],
    ]) {
      expect(refused(await read(id, props!, { key: key! }))).toBe('403 PV1006');
    }
  });

  test('a role mask may be a custom transformation; other transformations, search and dependencies are refused', async () => {
    const { clerk } = await setClients(vault, [
      {
        name: 'clerk',
        capabilities: ['CapDataReader', 'CapDataSearcher'],
        allow: [{ operations: ['*'], resources: ['*'] }],
        masks: { 'users/code': 'compact', 'users/name': 'mask' },
      },
    ]);
    const sent = { key: clerk! };
    expect((await read(id, 'code,name', sent)).body).toEqual({
      code: 'KL0001',
      name: expect.stringContaining('*'),
    });
    expect(refused(await read(id, 'code.mask', sent))).toBe('403 PV1006');
    // It depends on the name, which this role sees masked only.
    expect(refused(await read(id, 'plain.greeting', sent))).toBe('403 PV1006');
    const search = await vault.send('POST', `${C}/query/objects?props=id`, {
      json: { match: { code: 'kl0001' } },
      ...sent,
    });
    expect(refused(search)).toBe('403 PV1006');
  });

  test('a mask that the type does not have is refused when IAM is set', async () => {
    const iam = '[users]\n[policies]\n[roles.r]\ncapabilities = []\npolicies = []\n[roles.r.masks]\n';
    await expect(setIam(vault, `${iam}"users/code" = "none"`)).rejects.toThrow('PV9011');
    await setIam(vault, `${iam}"users/code" = "compact"`);
  });
});

test('attributes follow the type below: an index where it may have one', async () => {
  await addType(vault, { name: 'DOCUMENT', base_type_name: 'JSON' });
  await addType(vault, { name: 'SEX', base_type_name: 'GENDER' });
  const define = (property: string): Promise<Answer> =>
    vault.send('POST', '/ctl/collections', {
      raw: `c${Math.random().toString(36).slice(2, 8)} DATA ( a ${property} )`,
      type: 'application/pvschema',
    });
  expect(refused(await define('DOCUMENT INDEX'))).toBe('400 PV9004');
  expect(refused(await define('SEX UNIQUE'))).toBe('400 PV9004');
  expect(refused(await define('SEX INDEX'))).toBe('200 ');
  expect(refused(await define('code'))).toBe('404 PV9013');
});

describe('a function that fails, takes too long or may not run is the answer of', () => {
  const FAULTS = [
    { refusal: '400 PV9052', written: 'failing', bytes: 'blurred', shown: 'odd.secret' },
    { refusal: '400 PV9053', written: 'endless', bytes: 'reel', shown: 'odd.slow' },
    { refusal: '405 PV1003', written: 'code', bytes: 'reel', shown: 'odd.count' },
  ];
  type Fault = (typeof FAULTS)[number];
  let off: TestVault;
  let [id, token, ciphertext] = ['', '', ''];
  beforeAll(async () => {
    id = await addObject(vault, { name: 'Ann', odd: 'secret4' });
    const made = await vault.send('POST', `${C}/tokens`, {
      json: [{ type: 'randomized', object: { id }, props: ['odd'] }],
    });
    token = made.body[0].token_id as string;
    const sealed = await vault.send('POST', `${C}/encrypt/objects`, {
      json: [{ object: { id }, props: ['odd'] }],
    });
    ciphertext = sealed.body[0].ciphertext as string;
    off = await startVault(
      {
        COATCHECK_FEATURES_DISABLE_JAVASCRIPT: 'true',
        COATCHECK_SERVICE_ACTIONS_HTTP_CALL_ROLE: 'VaultAdminRole',
      },
      vault.database,
    );
  });
  afterAll(() => off.close());

  const fields = ({ written }: Fault): object => ({ [written]: 'secret5' });
  const encrypted = (): object => ({ encrypted_object: { ciphertext } });
  const requests: [
    operation: OperationId,
    method: string,
    path: (fault: Fault) => string,
    json: (fault: Fault) => unknown,
  ][] = [
    ['addObject', 'POST', () => `${C}/objects`, fields],
    ['updateObjectById', 'PATCH', () => `${C}/objects/${id}`, fields],
    ['searchObjects', 'POST', () => `${C}/query/objects?props=id`, (fault) => ({ match: fields(fault) })],
    [
      'tokenize',
      'POST',
      () => `${C}/tokens`,
      (fault) => [{ type: 'pci', object: { fields: fields(fault) } }],
    ],
    [
      'updateTokens',
      'PATCH',
      () => `${C}/tokens?token_ids=${token}`,
      (fault) => ({ object: { fields: fields(fault) } }),
    ],
    ['hashObjects', 'POST', () => `${C}/hash/objects`, (fault) => [{ object: { fields: fields(fault) } }]],
    ['encrypt', 'POST', () => `${C}/encrypt/objects`, (fault) => [{ object: { fields: fields(fault) } }]],
    [
      'updateEncrypted',
      'PATCH',
      () => `${C}/encrypt/objects`,
      (fault) => [{ ...encrypted(), fields: fields(fault) }],
    ],
    ['getObjectById', 'GET', ({ shown }) => `${C}/objects/${id}?props=${shown}`, () => undefined],
    ['listObjects', 'GET', ({ shown }) => `${C}/objects?ids=${id}&props=${shown}`, () => undefined],
    ['detokenize', 'GET', ({ shown }) => `${C}/tokens?token_ids=${token}&props=${shown}`, () => undefined],
    ['decrypt', 'POST', () => `${C}/decrypt/objects`, ({ shown }) => [{ ...encrypted(), props: [shown] }]],
    [
      'invokeHttpCallAction',
      'POST',
      () => '/data/actions/http_call',
      ({ shown }) => ({
        template_variables: { a: `pvlt:read_object:users:${shown}:${id}:` },
        request: { url: 'http://127.0.0.1/' },
      }),
    ],
  ];
  test.each(requests)('%s', async (_, method, path, json) => {
    for (const fault of FAULTS) {
      const asked = fault.refusal === '405 PV1003' ? off : vault;
      const answer = await asked.send(method, path(fault), { json: json(fault) });
      expect(refused(answer)).toBe(fault.refusal);
      expect(answer.text + asked.logged()).not.toMatch(/secret[45]/);
    }
  });

  test('encryptBlob', async () => {
    for (const { refusal: expected, bytes } of FAULTS) {
      const asked = expected === '405 PV1003' ? off : vault;
      const sent = { raw: Buffer.from('secret6'), type: 'application/octet-stream' };
      expect(refused(await asked.send('POST', `${C}/encrypt/blob?prop=${bytes}`, sent))).toBe(expected);
    }
  });
});

test('with JavaScript switched off, what needs a function is 405 PV1003 and nothing is shown untransformed', async () => {
  const id = await addObject(vault, { shy: 'op0001', code: 'op0001' });
  const off = await startVault({ COATCHECK_FEATURES_DISABLE_JAVASCRIPT: 'true' }, vault.database);
  const get = (props: string): Promise<Answer> => off.send('GET', `${C}/objects/${id}?props=${props}`);
  expect((await get('code')).body).toEqual({ code: 'OP-0001' });
  expect([refused(await get('shy')), refused(await get('code.compact'))]).toEqual([
    '405 PV1003',
    '405 PV1003',
  ]);
  expect(refused(await off.send('POST', `${C}/objects`, { json: { code: 'qr0001' } }))).toBe('405 PV1003');
  await off.close();
});

test('another instance knows new types and new code at once', async () => {
  const other = await startVault({}, vault.database);
  await addBundle(vault, 'shared', `exports.f = { type: 'transformer', handler: () => 'old' };`);
  await addType(vault, { name: 'SHARED', base_type_name: 'STRING', transformers: ['shared.f'] });
  await addCollection(vault, 'shared DATA ( a SHARED )');
  const id = await addObject(vault, { a: 'x' }, { collection: 'shared' });
  const seen = async (): Promise<unknown> =>
    (await other.send('GET', `/data/collections/shared/objects/${id}?props=a.f&reload_cache=true`)).body;
  expect(await seen()).toEqual({ 'a.f': 'old' });
  const code = Buffer.from(`exports.f = { type: 'transformer', handler: () => 'new' };`).toString('base64');
  await vault.send('PATCH', '/ctl/bundles/shared', { json: { code } });
  expect(await seen()).toEqual({ 'a.f': 'new' });
  await other.close();
});

test('a type that vanished under a property fails closed', async () => {
  await addType(vault, { name: 'GONE', base_type_name: 'STRING' });
  await addCollection(vault, 'gone DATA ( a GONE NULL )');
  await sql(vault, "delete from data_type where name = 'GONE'");
  await sql(vault, 'update change_generation set generation = generation + 1');
  const answer = await vault.send('POST', '/data/collections/gone/objects?reload_cache=true', {
    json: { a: 'x' },
  });
  expect(refused(answer)).toBe('404 PV9013');
});
