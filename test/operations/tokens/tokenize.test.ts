import { setClients } from '../../support/iam.js';
import {
  NOWHERE,
  addCollection,
  addObject,
  detokenize,
  fieldsOf,
  refusal,
  refused,
  tokenize,
} from '../../support/steps.js';
import { type Answer, type Sent, type TestVault, startVault } from '../../support/vault.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
let vault: TestVault;
let ann: string;
const send = (items: unknown, query = '', sent: Sent = {}): Promise<Answer> =>
  vault.send('POST', `/data/collections/users/tokens${query}`, { json: items, ...sent });
const valueOf = async (token: string): Promise<unknown> =>
  ((await detokenize(vault, `token_ids=${token}`)) as { fields: unknown }[])[0]?.fields;
const counts = async (): Promise<unknown> => [
  (await vault.send('GET', '/data/collections/users/count/tokens')).body,
  (await vault.send('GET', '/data/collections/users/count/objects')).body,
];

beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault);
  await addCollection(vault, 'strict DATA ( must STRING, may STRING NULL );');
  await addCollection(vault, 'bare DATA ( );');
  ann = await addObject(vault, { name: 'Ann', ssn: '123-12-1234', email: 'a@b.co' });
});
afterAll(() => vault.close());

describe('200', () => {
  test('of an object: the token alone, and a new one each time', async () => {
    const items = [
      { type: 'pointer', object: { id: ann }, props: ['ssn'] },
      { type: 'randomized', object: { id: ann.toUpperCase() }, props: ['ssn'] },
      { type: 'randomized', object: { id: ann }, props: ['ssn'] },
    ];
    const { body } = await send(items, '/?reason=Notifications');
    expect(body).toEqual(items.map(() => ({ token_id: expect.stringMatching(UUID) })));
    expect(new Set(body.map((each: { token_id: string }) => each.token_id)).size).toBe(3);
    for (const { token_id } of body) expect(await valueOf(token_id)).toEqual({ ssn: '123-12-1234' });
  });

  test('props absent or empty means all properties, and the id only where it is named', async () => {
    const all = { name: 'Ann', ssn: '123-12-1234', email: 'a@b.co' };
    expect(await valueOf(await tokenize(vault, { object: { id: ann } }))).toEqual(all);
    expect(await valueOf(await tokenize(vault, { type: 'pointer', object: { id: ann }, props: [] }))).toEqual(
      all,
    );
    for (const type of ['pointer', 'randomized']) {
      const token = await tokenize(vault, { type, object: { id: ann }, props: ['id', 'ssn', 'ssn'] });
      expect(await valueOf(token)).toEqual({ id: ann, ssn: '123-12-1234' });
    }
  });

  test('a pointer shows the object as it is, a randomized token as it was', async () => {
    const id = await addObject(vault, { name: 'Old', email: 'a@b.co' });
    const pointer = await tokenize(vault, { type: 'pointer', object: { id } });
    const snapshot = await tokenize(vault, { type: 'randomized', object: { id } });
    await vault.send('PATCH', `/data/collections/users/objects/${id}`, {
      json: { name: 'New', email: null, zip_code_us: '12345' },
    });
    expect(await valueOf(pointer)).toEqual({ name: 'New', zip_code_us: '12345' });
    expect(await valueOf(snapshot)).toEqual({ name: 'Old', email: 'a@b.co' });
  });

  test('of bare fields: normalised, no object, nothing that must be there, and it lives on its own', async () => {
    const objects = (await vault.send('GET', '/data/collections/users/count/objects')).body;
    const { body } = await send([{ type: 'randomized', object: { fields: { phone_number: '123-45678' } } }]);
    expect(body).toEqual([{ token_id: expect.stringMatching(UUID) }]);
    expect(await valueOf(body[0].token_id)).toEqual({ phone_number: '12345678' });
    expect((await vault.send('GET', '/data/collections/users/count/objects')).body).toEqual(objects);

    const strict = [{ type: 'randomized', object: { fields: { may: 'x' } } }];
    expect((await vault.send('POST', '/data/collections/strict/tokens', { json: strict })).status).toBe(200);
  });

  test('props choose among bare fields; a tenant among them is no value', async () => {
    const fields = { name: 'Bo', ssn: '123-12-9999', _tenant_id: 't' };
    expect(await valueOf(await tokenize(vault, { object: { fields }, props: ['name'] }))).toEqual({
      name: 'Bo',
    });
    expect(await valueOf(await tokenize(vault, { object: { fields } }))).toEqual({
      name: 'Bo',
      ssn: '123-12-9999',
    });
  });

  test('store_object adds the object and answers its id; the token belongs to it', async () => {
    for (const type of ['pointer', 'randomized']) {
      const { body } = await send([
        {
          type,
          object: { fields: { name: 'Cy', email: 'c@d.co' } },
          props: ['name', 'id'],
          store_object: true,
        },
      ]);
      const [{ token_id, object_id }] = body;
      expect(body).toEqual([
        { token_id: expect.stringMatching(UUID), object_id: expect.stringMatching(UUID) },
      ]);
      expect(await fieldsOf(vault, object_id)).toEqual({ name: 'Cy', email: 'c@d.co' });
      expect(await valueOf(token_id)).toEqual({ name: 'Cy', id: object_id });
      await vault.send('DELETE', `/data/collections/users/objects/${object_id}`);
      expect(await valueOf(token_id)).toBeUndefined();
    }
  });

  test('store_object takes an id of the caller', async () => {
    const id = 'ABCDEF00-2222-4222-8333-444455556666';
    const { body } = await send([
      { type: 'pointer', object: { fields: { id, name: 'Di' } }, store_object: true },
    ]);
    expect(body[0].object_id).toBe(id.toLowerCase());
    expect(await valueOf(body[0].token_id)).toEqual({ name: 'Di' });
  });

  test('an object without any value can still be pointed at', async () => {
    const post = (path: string, json: unknown): Promise<Answer> =>
      vault.send('POST', `/data/collections/bare${path}`, { json });
    const { id } = (await post('/objects', {})).body;
    const { body } = await post('/tokens', [{ type: 'pointer', object: { id } }]);
    const shown = await vault.send('GET', `/data/collections/bare/tokens?token_ids=${body[0].token_id}`);
    expect(shown.body).toEqual([{ token_id: body[0].token_id, fields: { id } }]);
    expect(
      (await post('/tokens', [{ type: 'pointer', object: { fields: {} }, store_object: true }])).status,
    ).toBe(200);
  });

  test('a null in the input object counts as absent', async () => {
    const object = { id: ann, fields: null, encrypted: null, request_index: null };
    expect((await send([{ type: 'pointer', object }])).status).toBe(200);
  });

  test('no items, no tokens', async () => expect((await send([])).body).toEqual([]));

  test('tags and scope are kept, the same tag twice is one tag', async () => {
    const token = await tokenize(vault, { object: { id: ann }, scope: 'mail', tags: ['x', 'y', 'x'] });
    const [found] = (
      await vault.send('POST', '/data/collections/users/query/tokens', { json: { token_ids: [token] } })
    ).body;
    expect(found.scope).toBe('mail');
    expect(found.tokens[0].tags).toEqual(['x', 'y']);
  });

  test.each([
    ['', null],
    ['?expiration_secs=', null],
    ['?expiration_secs=60', 60_000],
  ])('with %j a token expires after %p ms', async (query, life) => {
    const token = await tokenize(vault, { object: { id: ann } }, { query });
    const [{ tokens }] = (
      await vault.send('POST', '/data/collections/users/query/tokens', { json: { token_ids: [token] } })
    ).body;
    const { creation_time: from, expiration_time: until } = tokens[0];
    expect(until && Date.parse(until) - Date.parse(from)).toBe(life);
  });

  test('a token of fields belongs to the tenant of the request', async () => {
    const token = await tokenize(
      vault,
      { object: { fields: { name: 'x' } } },
      { headers: { 'x-tenant-id': 'q' } },
    );
    const as = (tenant: string): Promise<Answer> =>
      vault.send('GET', `/data/collections/users/tokens?token_ids=${token}`, {
        headers: { 'x-tenant-id': tenant },
      });
    expect((await as('q')).body).toEqual([{ token_id: token, fields: { name: 'x' } }]);
    expect(refused(await as('r'))).toBe('403 PV9009');
  });
});

describe('200 with Idempotency-Key', () => {
  const keyed = (key: string): Sent => ({ headers: { 'idempotency-key': key } });
  const stored = [{ type: 'pointer', object: { fields: { ssn: '555-12-1234' } }, store_object: true }];

  test('a repetition gets the first answer and makes nothing', async () => {
    const first = await send(stored, '', keyed('t1'));
    const after = await counts();
    expect((await send(stored, '', keyed('t1'))).body).toEqual(first.body);
    expect(await counts()).toEqual(after);
  });

  test('a repetition gets the first answer even when the object is gone', async () => {
    const id = await addObject(vault, {});
    const items = [{ type: 'pointer', object: { id } }];
    const first = await send(items, '', keyed('t2'));
    await vault.send('DELETE', `/data/collections/users/objects/${id}`);
    expect((await send(items, '', keyed('t2'))).body).toEqual(first.body);
    expect(refused(await send(items))).toBe('404 PV3005');
  });

  test('of several at once one has the effect and all get its answer', async () => {
    const before = (await counts()) as { total: number }[];
    const items = [
      { type: 'randomized', object: { fields: { ssn: '555-12-1235' } }, store_object: true },
      { type: 'randomized', object: { id: ann } },
    ];
    const answers = await Promise.all(Array.from({ length: 5 }, () => send(items, '', keyed('t3'))));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers[0]!.status).toBe(200);
    const after = (await counts()) as { total: number }[];
    expect(after.map(({ total }, i) => total - before[i]!.total)).toEqual([2, 1]);
  });

  test('another body is 422 PV9019', async () => {
    await send([{ type: 'pointer', object: { id: ann } }], '', keyed('t4'));
    expect(refused(await send([{ type: 'randomized', object: { id: ann } }], '', keyed('t4')))).toBe(
      '422 PV9019',
    );
  });
});

describe('400', () => {
  const fields = { name: 'x' };
  test.each([
    ['two inputs', [{ type: 'pointer', object: { id: NOWHERE, fields } }], 'PV1012'],
    ['no input', [{ type: 'pointer', object: {} }], 'PV1012'],
    ['no object', [{ type: 'pointer' }], 'PV1012'],
    ['no type', [{ object: { fields } }], 'PV1012'],
    ['a type there is not', [{ type: 'reversible', object: { fields } }], 'PV1012'],
    ['no list', { type: 'pointer', object: { fields } }, 'PV1012'],
    ['a pointer without an object', [{ type: 'pointer', object: { fields } }], 'PV9006'],
    ['nothing to tokenize', [{ type: 'randomized', object: { fields: {} } }], 'PV9006'],
    [
      'only a tenant to tokenize',
      [{ type: 'randomized', object: { fields: { _tenant_id: 't' } } }],
      'PV9006',
    ],
    ['an id among bare fields', [{ type: 'randomized', object: { fields: { id: NOWHERE } } }], 'PV9006'],
    [
      'store_object of an object',
      [{ type: 'pointer', object: { id: NOWHERE }, store_object: true }],
      'PV9006',
    ],
    ['an invalid value', [{ type: 'randomized', object: { fields: { ssn: '1' } } }], 'PV3002'],
    ['too many tags', [{ type: 'randomized', object: { fields }, tags: [...'abcdefghijk'] }], 'PV9007'],
    ['too many items', Array(1001).fill({ type: 'randomized', object: { fields } }), 'PV9007'],
  ])('%s', async (_, items, code) => expect(refused(await send(items))).toBe(`400 ${code}`));

  test('store_object needs every value that must be there', async () => {
    const json = [{ type: 'pointer', object: { fields: { may: 'x' } }, store_object: true }];
    expect(refused(await vault.send('POST', '/data/collections/strict/tokens', { json }))).toBe('400 PV9002');
  });

  test.each(['expiration_secs=0', 'expiration_secs=soon', 'ttl=0'])('?%s', async (query) =>
    expect(refused(await send([{ type: 'pointer', object: { id: ann } }], `?${query}`))).toBe('400 PV1012'),
  );
});

describe('403', () => {
  test('every property must be allowed, and store_object needs to write what it stores', async () => {
    const { some } = await setClients(vault, [
      {
        name: 'some',
        capabilities: ['CapTokensWriter'],
        allow: [{ operations: ['tokenize'], resources: ['users/properties/name'] }],
      },
    ]);
    const as = async (item: object): Promise<string> =>
      refused(await send([{ type: 'randomized', ...item }], '', { key: some! }));
    expect(await as({ object: { id: ann }, props: ['name'] })).toBe('200 ');
    expect(await as({ object: { id: ann } })).toBe('403 PV1006');
    expect(await as({ object: { id: NOWHERE }, props: ['ssn'] })).toBe('403 PV1006');
    expect(await as({ object: { fields: { name: 'x' } } })).toBe('200 ');
    expect(await as({ object: { fields: { name: 'x' } }, store_object: true })).toBe('403 PV1006');
  });

  test('an object of another tenant is PV9009', async () => {
    const id = await addObject(vault, { _tenant_id: 'b' });
    const sent = { headers: { 'x-tenant-id': 'a' } };
    expect(refused(await send([{ type: 'pointer', object: { id } }], '', sent))).toBe('403 PV9009');
  });
});

describe('404', () => {
  test.each([
    [{ object: { id: NOWHERE } }, 'PV3005'],
    [{ object: { id: 'x' } }, 'PV3005'],
    [{ object: { fields: { nick: 'x' } } }, 'PV3004'],
  ])('%j is %s', async (item, code) =>
    expect(refused(await send([{ type: 'randomized', ...item }]))).toBe(`404 ${code}`),
  );

  test.each(['nick', 'ssn.mask', '_creation_time'])('props %j is PV2003 and says where', async (prop) => {
    const items = [
      { type: 'pointer', object: { id: ann } },
      { type: 'pointer', object: { id: ann }, props: ['ssn', prop] },
    ];
    expect(refusal(await send(items))).toEqual([404, 'PV2003', { field: 'body[1].props[1]' }]);
  });

  test('one missing object refuses all', async () => {
    const before = await counts();
    expect(refusal(await send([ann, NOWHERE].map((id) => ({ type: 'pointer', object: { id } }))))).toEqual([
      404,
      'PV3005',
      { ids: NOWHERE },
    ]);
    expect(await counts()).toEqual(before);
  });
});

describe('409', () => {
  test('a taken unique value of one item refuses all', async () => {
    const before = await counts();
    const items = ['555-99-1234', '123-12-1234'].map((ssn) => ({
      type: 'pointer',
      object: { fields: { ssn } },
      store_object: true,
    }));
    expect(refused(await send(items))).toBe('409 PV9001');
    expect(await counts()).toEqual(before);
  });

  test('of two batches that store the same values in opposite order one is made, and the other does not wait for ever', async () => {
    const batch = (...ssns: string[]): unknown[] =>
      ssns.map((ssn) => ({ type: 'pointer', object: { fields: { ssn } }, store_object: true }));
    for (let i = 10; i < 18; i++) {
      const [a, b] = [`556-${i}-1234`, `557-${i}-1234`] as const;
      const answers = await Promise.all([send(batch(a, b)), send(batch(b, a))]);
      expect(answers.map(refused).sort()).toEqual(['200 ', '409 PV9001']);
    }
  });

  test('two items that store the same unique value or the same id refuse each other', async () => {
    const twice = (fields: object): unknown[] =>
      Array(2).fill({ type: 'pointer', object: { fields }, store_object: true });
    expect(refused(await send(twice({ ssn: '555-98-1234' })))).toBe('409 PV9001');
    expect(refused(await send(twice({ id: NOWHERE })))).toBe('409 PV9022');
  });
});

describe('ids of the caller', () => {
  test.each(['pointer', 'randomized'])('%s takes the one that is wanted, once', async (type) => {
    const item = { type, object: { id: ann }, token_id: `${type}_My-id.`.replace('.', '') };
    expect(await tokenize(vault, item)).toBe(item.token_id);
    expect(await valueOf(item.token_id)).toEqual(expect.objectContaining({ name: 'Ann' }));
    expect(refusal(await send([item]))).toEqual([409, 'PV9040', {}]);
  });

  test('a taken id refuses all', async () => {
    const taken = await tokenize(vault, { object: { id: ann } });
    const before = await counts();
    const wanted = [undefined, taken].map((token_id) => ({
      type: 'randomized',
      object: { fields: { ssn: '555-71-1234' } },
      store_object: true,
      ...(token_id && { token_id }),
    }));
    expect(refused(await send(wanted.slice(1)))).toBe('409 PV9040');
    expect(await counts()).toEqual(before);
  });

  test('of several that want one id at once one gets it', async () => {
    const answers = await Promise.all(
      [1, 2, 3, 4].map(() => send([{ type: 'randomized', object: { id: ann }, token_id: 'race' }])),
    );
    expect(answers.map(refused).sort()).toEqual(['200 ', '409 PV9040', '409 PV9040', '409 PV9040']);
  });

  test('one id for two items is 409', async () => {
    const item = { type: 'randomized', object: { id: ann }, token_id: 'both' };
    expect(refusal(await send([item, item]))).toEqual([409, 'PV9040', { field: 'body[1].token_id' }]);
  });

  test('an id is free again when its token is deleted, and another one in each collection', async () => {
    const item = { object: { fields: { name: 'x' } }, token_id: 'freed' };
    await tokenize(vault, item);
    await vault.send('DELETE', '/data/collections/users/tokens?token_ids=freed');
    expect(await tokenize(vault, item)).toBe('freed');
    const json = [{ type: 'randomized', object: { fields: { must: 'x' } }, token_id: 'freed' }];
    expect((await vault.send('POST', '/data/collections/strict/tokens', { json })).status).toBe(200);
  });

  test.each(['', 'a b', 'a.b', 'ü', 'x'.repeat(129)])('400: %j is no id', async (token_id) =>
    expect(refused(await send([{ type: 'pointer', object: { id: ann }, token_id }]))).toBe('400 PV1012'),
  );
});

describe('ids in the form of a card number', () => {
  const card = '4929123412341232';
  const form = { fpprops: ['card'], fptemplate: 'primary_account_number' };
  const post = (items: unknown, sent: Sent = {}): Promise<Answer> =>
    vault.send('POST', '/data/collections/payers/tokens', { json: items, ...sent });
  beforeAll(() => addCollection(vault, 'payers PERSONS ( card CC_NUMBER NULL, name NAME NULL );'));

  test.each(['randomized', 'pci', 'pci_oneway', 'deterministic', 'pointer'])(
    '%s keeps the first six and last four digits, passes Luhn and is not the number',
    async (type) => {
      const item = { type, object: { fields: { card } }, store_object: type === 'pointer', ...form };
      const [{ token_id }] = (await post([item])).body;
      expect(token_id).toMatch(/^492912\d{6}1232$/);
      expect(token_id).not.toBe(card);
      const digits = [...(token_id as string)].reverse().map(Number);
      const sum = digits.reduce((all, d, i) => all + (i % 2 ? (d > 4 ? 2 * d - 9 : 2 * d) : d), 0);
      expect(sum % 10).toBe(0);
      if (type === 'pci_oneway') return;
      const shown = await vault.send('GET', `/data/collections/payers/tokens?token_ids=${token_id}`);
      expect(shown.body).toEqual([{ token_id, fields: { card } }]);
    },
  );

  test('each new one is another, also within one request and of one number', async () => {
    const items = Array.from({ length: 300 }, () => ({
      type: 'randomized',
      object: { fields: { card } },
      ...form,
    }));
    const ids = (await post(items)).body.map(({ token_id }: { token_id: string }) => token_id);
    expect(new Set(ids).size).toBe(300);
  });

  test('pci is reused: the form is that of a new id', async () => {
    const object = { fields: { card: '4222222222222' } };
    const [{ token_id }] = (await post([{ type: 'pci', object, ...form }])).body;
    expect((await post([{ type: 'pci', object, ...form }])).body).toEqual([{ token_id }]);
    expect((await post([{ type: 'pci', object }])).body).toEqual([{ token_id }]);
  });

  test.each<[string, object]>([
    ['an id of the caller beside it', { ...form, token_id: 'mine' }],
    ['no property', { fptemplate: form.fptemplate }],
    ['no form', { fpprops: ['card'] }],
    ['a property of another type', { ...form, fpprops: ['name'] }],
    ['two properties', { ...form, fpprops: ['card', 'name'] }],
    ['an unknown property', { ...form, fpprops: ['nick'] }],
    ['a property that is not tokenized', { ...form, props: ['name'] }],
  ])('400: %s is PV9006', async (_, more) =>
    expect(
      refused(await post([{ type: 'randomized', object: { fields: { card, name: 'x' } }, ...more }])),
    ).toBe('400 PV9006'),
  );

  test('403 for a role with a mask on the number, whatever the type: the id shows its ends', async () => {
    const { masked } = await setClients(vault, [
      {
        name: 'masked',
        capabilities: ['*'],
        allow: [{ operations: ['*'], resources: ['*'] }],
        masks: { 'payers/card': 'mask' },
      },
    ]);
    const item = { type: 'randomized', object: { fields: { card } } };
    expect((await post([item], { key: masked! })).status).toBe(200);
    expect(refused(await post([{ ...item, ...form }], { key: masked! }))).toBe('403 PV1006');
  });
});

describe('request_index', () => {
  test('makes more tokens of the object that an earlier item stores', async () => {
    const { body } = await send([
      { type: 'pointer', object: { fields: { name: 'Eve', email: 'e@f.co' } }, store_object: true },
      { type: 'randomized', object: { request_index: 0 }, props: ['email', 'id'] },
      { type: 'deterministic', object: { request_index: 1 } },
      { type: 'pci', object: { request_index: 0 }, props: ['name'] },
    ]);
    const { object_id } = body[0];
    expect(body.slice(1)).toEqual([1, 2, 3].map(() => ({ token_id: expect.any(String) })));
    expect(await valueOf(body[1].token_id)).toEqual({ email: 'e@f.co', id: object_id });
    expect(await valueOf(body[2].token_id)).toEqual({ name: 'Eve', email: 'e@f.co' });
    const owned = await vault.send('POST', '/data/collections/users/query/tokens', {
      json: { object_ids: [object_id] },
    });
    expect(owned.body).toHaveLength(4);
    await vault.send('DELETE', `/data/collections/users/objects/${object_id}`);
    for (const { token_id } of body) expect(await valueOf(token_id)).toBeUndefined();
  });

  test('names whatever an earlier item takes its values from', async () => {
    const { body } = await send([
      { type: 'pointer', object: { id: ann }, props: ['name'] },
      { type: 'pointer', object: { request_index: 0 }, props: ['ssn'] },
      { type: 'randomized', object: { fields: { name: 'Bare' } } },
      { type: 'randomized', object: { request_index: 2 } },
    ]);
    expect(await valueOf(body[1].token_id)).toEqual({ ssn: '123-12-1234' });
    expect(await valueOf(body[3].token_id)).toEqual({ name: 'Bare' });
  });

  test.each([0, 1, 99])('400: %j is no earlier item', async (request_index) =>
    expect(refusal(await send([{ type: 'pointer', object: { request_index } }]))).toEqual([
      400,
      'PV9006',
      { field: 'body[0].object.request_index', reason: 'no earlier item' },
    ]),
  );

  test('403: what the earlier item gives must be allowed to be tokenized', async () => {
    const { some } = await setClients(vault, [
      {
        name: 'some',
        capabilities: ['CapTokensWriter'],
        allow: [
          { operations: ['write'], resources: ['users/properties/*'] },
          { operations: ['tokenize'], resources: ['users/properties/name'] },
        ],
      },
    ]);
    const items = [
      {
        type: 'pointer',
        object: { fields: { name: 'x', email: 'x@y.co' } },
        props: ['name'],
        store_object: true,
      },
      { type: 'randomized', object: { request_index: 0 } },
    ];
    expect((await send(items.slice(0, 1), '', { key: some! })).status).toBe(200);
    expect(refused(await send(items, '', { key: some! }))).toBe('403 PV1006');
  });
});

describe('ensure_unique_tenant_tags', () => {
  const item = (tag: string, more: object = {}): Record<string, unknown> => ({
    type: 'randomized',
    object: { fields: { name: 'x' } },
    tags: [tag],
    ensure_unique_tenant_tags: [tag],
    ...more,
  });
  const as = (tenant: string): Sent => ({ headers: { 'x-tenant-id': tenant } });

  test('409 where another token of the tenant has the tag, and nothing is made', async () => {
    expect((await send([item('u1')])).status).toBe(200);
    const before = await counts();
    expect(refused(await send([item('u1')]))).toBe('409 PV9044');
    expect(refused(await send([item('fine'), item('u1')]))).toBe('409 PV9044');
    expect(await counts()).toEqual(before);
    expect((await send([{ ...item('u1'), ensure_unique_tenant_tags: [] }])).status).toBe(200);
  });

  test('each tenant has its own, and an archived or deleted token lets go', async () => {
    const [a] = (await send([item('u2')], '', as('a'))).body;
    expect((await send([item('u2')], '', as('b'))).status).toBe(200);
    expect(refused(await send([item('u2')], '', as('a')))).toBe('409 PV9044');
    const path = `/data/collections/users/tokens?token_ids=${a.token_id}&expiration_secs=0`;
    expect((await vault.send('PATCH', path, { json: {} })).status).toBe(200);
    expect((await send([item('u2')], '', as('a'))).status).toBe(200);
    expect(refused(await send([item('u2')], '', as('a')))).toBe('409 PV9044');
    await vault.send('DELETE', '/data/collections/users/tokens?tags=u2&tenant_id=a');
    expect((await send([item('u2')], '', as('a'))).status).toBe(200);
  });

  test('two items of one request cannot both have it; the same token can', async () => {
    expect(refusal(await send([item('u3'), item('u3')]))).toEqual([
      409,
      'PV9044',
      { field: 'body[0].ensure_unique_tenant_tags' },
    ]);
    const pci = item('u4', { type: 'pci', object: { fields: { name: 'u4' } } });
    expect((await send([pci, pci])).status).toBe(200);
    expect((await send([pci])).status).toBe(200);
  });

  test('of several at once one gets it', async () => {
    const answers = await Promise.all([1, 2, 3, 4].map(() => send([item('u5')])));
    expect(answers.map(refused).sort()).toEqual(['200 ', '409 PV9044', '409 PV9044', '409 PV9044']);
  });

  test('400: it must be one of the tags', async () =>
    expect(refused(await send([{ ...item('u6'), tags: ['other'] }]))).toBe('400 PV9006'));
});
