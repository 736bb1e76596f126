import { setClients } from '../../support/iam.js';
import { NOWHERE, addCollection, addObject, detokenize, refused, tokenize } from '../../support/steps.js';
import { type Answer, type Sent, type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
let ann: string;
const update = (query: string, json: unknown = {}, sent: Sent = {}): Promise<Answer> =>
  vault.send('PATCH', `/data/collections/users/tokens${query}`, { json, ...sent });
const metadataOf = async (
  token: string,
  query = '',
): Promise<{ tags: string[]; expiration_time: string | null }> =>
  (await vault.send('POST', `/data/collections/users/query/tokens${query}`, { json: { token_ids: [token] } }))
    .body[0]?.tokens[0];

beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault);
  ann = await addObject(vault, { name: 'Ann' });
});
afterAll(() => vault.close());

describe('200', () => {
  test('replaces tags, leaves the rest, answers nothing', async () => {
    const token = await tokenize(
      vault,
      { object: { id: ann }, tags: ['a', 'b'] },
      { query: '?expiration_secs=60' },
    );
    const before = await metadataOf(token);
    const answer = await update(`/?token_ids=${token}`, { tags: ['c', 'c'] });
    expect([answer.status, answer.text]).toEqual([200, '']);
    expect(await metadataOf(token)).toEqual({ ...before, tags: ['c'] });
    expect(await detokenize(vault, `token_ids=${token}`)).toEqual([
      { token_id: token, fields: { name: 'Ann' } },
    ]);
    expect(await detokenize(vault, 'tags=a')).toEqual([]);
    await update(`?token_ids=${token}`, {});
    expect((await metadataOf(token)).tags).toEqual(['c']);
    await update(`?token_ids=${token}`, { tags: [] });
    expect((await metadataOf(token)).tags).toEqual([]);
  });

  test('expiration_secs absent leaves the expiry, empty takes it away, a number sets it', async () => {
    const token = await tokenize(
      vault,
      { object: { fields: { name: 'x' } } },
      { query: '?expiration_secs=60' },
    );
    const { expiration_time } = await metadataOf(token);
    await update(`?token_ids=${token}`);
    expect((await metadataOf(token)).expiration_time).toBe(expiration_time);
    await update(`?token_ids=${token}&expiration_secs=600`);
    expect(Date.parse((await metadataOf(token)).expiration_time!)).toBeGreaterThan(
      Date.parse(expiration_time!),
    );
    await update(`?token_ids=${token}&expiration_secs=`);
    expect((await metadataOf(token)).expiration_time).toBeNull();
  });

  test('0 archives: detokenize skips it, options=archived reaches and restores it', async () => {
    const tokens = [
      await tokenize(vault, { object: { id: ann } }),
      await tokenize(vault, { object: { id: ann } }),
    ];
    await update(`?token_ids=${tokens[0]}&expiration_secs=0`);
    expect(await detokenize(vault, `token_ids=${tokens.join(',')}`)).toEqual([
      { token_id: tokens[1], fields: { name: 'Ann' } },
    ]);
    expect(refused(await update(`?token_ids=${tokens[0]}`))).toBe('404 PV3009');
    expect((await update(`?object_ids=${ann}&options=archived&expiration_secs=`)).status).toBe(200);
    expect(await detokenize(vault, `token_ids=${tokens[0]}`)).toHaveLength(1);
  });

  test('changes all that are selected, by object or tag', async () => {
    const id = await addObject(vault, {});
    const tokens = [];
    for (let i = 0; i < 3; i++) tokens.push(await tokenize(vault, { object: { id }, tags: ['all'] }));
    await update(`?object_ids=${id}`, { tags: ['seen'] });
    for (const token of tokens) expect((await metadataOf(token)).tags).toEqual(['seen']);
    await update('?tags=seen', { tags: ['twice'] });
    expect(await detokenize(vault, 'tags=twice')).toHaveLength(3);
  });
});

describe('200 with other values', () => {
  let serial = 0;
  const fresh = (): string => `Value ${serial++}`;
  const shown = async (token: string): Promise<unknown> =>
    ((await detokenize(vault, `token_ids=${token}`)) as { fields: unknown }[])[0]?.fields;

  test.each(['randomized', 'pci'])(
    '%s: id, tags, owner and expiry stay, the values are all others',
    async (type) => {
      const id = await addObject(vault, { name: fresh(), email: 'a@b.co' });
      const item = { type, object: { id }, tags: ['kept'] };
      const token = await tokenize(vault, item, { query: '?expiration_secs=600' });
      const before = await metadataOf(token);
      const name = fresh();
      expect(await update(`?token_ids=${token}`, { object: { fields: { name } } })).toEqual(
        expect.objectContaining({ status: 200, text: '' }),
      );
      expect(await shown(token)).toEqual({ name });
      expect(await metadataOf(token)).toEqual(before);
    },
  );

  test.each(['pci', 'pci_oneway'])(
    '%s: the new values lead to this id, the old ones to a new one',
    async (type) => {
      const [old, name] = [fresh(), fresh()];
      const make = (value: string): Promise<string> =>
        tokenize(vault, { type, object: { fields: { name: value } } });
      const token = await make(old);
      await update(`?token_ids=${token}`, { object: { fields: { name } } });
      expect(await make(name)).toBe(token);
      const other = await make(old);
      expect(other).not.toBe(token);
      expect(await make(old)).toBe(other);
    },
  );

  test('all records of the id get them, since one id stands for one thing', async () => {
    const name = fresh();
    const ids = [await addObject(vault, { name }), await addObject(vault, { name })];
    const [token] = await Promise.all(
      ids.map((id) => tokenize(vault, { type: 'pci', object: { id }, props: ['name'] })),
    );
    const value = fresh();
    const json = { object: { fields: { name: value } }, tags: ['only'] };
    expect((await update(`?object_ids=${ids[0]}`, json)).status).toBe(200);
    for (const id of ids)
      expect(await detokenize(vault, `object_ids=${id}`)).toEqual([
        { token_id: token, fields: { name: value } },
      ]);
    expect(await detokenize(vault, 'tags=only')).toHaveLength(1);
    const found = await vault.send('POST', '/data/collections/users/query/tokens', {
      json: { tags: ['only'] },
    });
    expect(found.body[0].tokens).toEqual([expect.objectContaining({ object_id: ids[0] })]);
  });

  test('props choose, and the values can come from an object', async () => {
    const id = await addObject(vault, { name: fresh(), email: 'a@b.co' });
    const token = await tokenize(vault, { object: { fields: { name: fresh() } } });
    await update(`?token_ids=${token}`, { object: { id }, props: ['email'] });
    expect(await shown(token)).toEqual({ email: 'a@b.co' });
  });

  test('the same values again change nothing', async () => {
    const object = { fields: { name: fresh() } };
    const token = await tokenize(vault, { type: 'pci', object });
    expect((await update(`?token_ids=${token}`, { object })).status).toBe(200);
    expect(await tokenize(vault, { type: 'pci', object })).toBe(token);
  });

  test('while the values are being tokenized, no value ever has two ids', async () => {
    for (let round = 0; round < 6; round++) {
      const [old, name] = [fresh(), fresh()];
      const make = (value: string): Promise<string> =>
        tokenize(vault, { type: 'pci', object: { fields: { name: value } } });
      const token = await make(old);
      const [changed, ...made] = await Promise.all([
        update(`?token_ids=${token}`, { object: { fields: { name } } }),
        make(old),
        make(name),
      ]);
      expect(['200 ', '409 PV9041']).toContain(refused(changed));
      const now = [await make(old), await make(name)];
      expect(now[0]).not.toBe(now[1]);
      expect(now[1]).toBe(refused(changed) === '200 ' ? token : made[1]);
      expect(await shown(now[0]!)).toEqual({ name: old });
      expect(await shown(now[1]!)).toEqual({ name });
    }
  });

  test.each(['pointer', 'deterministic'])('400: %s stays what it is', async (type) => {
    const token = await tokenize(vault, { type, object: { id: ann } });
    expect(refused(await update(`?token_ids=${token}`, { object: { fields: { name: 'x' } } }))).toBe(
      '400 PV9043',
    );
  });

  test('400: two ids at once, props without an object, nothing to stand for', async () => {
    const tokens = [
      await tokenize(vault, { type: 'pci', object: { fields: { name: fresh() } } }),
      await tokenize(vault, { object: { id: ann } }),
    ];
    const json = { object: { fields: { name: fresh() } } };
    expect(refused(await update(`?token_ids=${tokens.join(',')}`, json))).toBe('400 PV9006');
    expect(refused(await update(`?token_ids=${tokens[0]}`, { props: ['name'] }))).toBe('400 PV9006');
    expect(refused(await update(`?token_ids=${tokens[0]}`, { ...json, props: ['email'] }))).toBe(
      '400 PV9006',
    );
    expect(refused(await update(`?token_ids=${tokens[0]}`, { object: { fields: {} } }))).toBe('400 PV9006');
  });

  test.each([
    [{ fields: { ssn: 'none' } }, undefined, '400 PV3002'],
    [{ fields: { _owner_id: NOWHERE, _owner_collection: 'users' } }, undefined, '400 PV9035'],
    [{ fields: { nick: 'x' } }, undefined, '404 PV3004'],
    [{ fields: { name: 'x' } }, ['nick'], '404 PV2003'],
    [{ fields: { name: 'x' } }, ['name.mask'], '404 PV2003'],
  ])('%j for %j is %s, and the token stays as it was', async (object, props, code) => {
    const name = fresh();
    const token = await tokenize(vault, { object: { fields: { name } } });
    expect(refused(await update(`?token_ids=${token}`, { object, props }))).toBe(code);
    expect(await shown(token)).toEqual({ name });
  });

  test('409: values that have another id already', async () => {
    const [a, b] = [{ fields: { name: fresh() } }, { fields: { name: fresh() } }];
    const token = await tokenize(vault, { type: 'pci', object: a });
    await tokenize(vault, { type: 'pci', object: b });
    expect(refused(await update(`?token_ids=${token}`, { object: b }))).toBe('409 PV9041');
  });

  test('403: needs to tokenize the properties, and that alone; none behind a mask where equal values have one id', async () => {
    const tokenizing = [{ operations: ['tokenize'], resources: ['users/properties/name'] }];
    const keys = await setClients(vault, [
      { name: 'maker', capabilities: ['CapTokensWriter'], allow: tokenizing },
      {
        name: 'tagger',
        capabilities: ['CapTokensWriter'],
        allow: [{ operations: ['write'], resources: ['users/tokens'] }],
      },
      {
        name: 'masked',
        capabilities: ['CapTokensWriter'],
        allow: tokenizing,
        masks: { 'users/name': 'mask' },
      },
    ]);
    const [pci, random] = [
      await tokenize(vault, { type: 'pci', object: { fields: { name: fresh() } } }),
      await tokenize(vault, { object: { fields: { name: fresh() } } }),
    ];
    const as = async (name: string, token: string, json?: object): Promise<string> =>
      refused(
        await update(`?token_ids=${token}`, json ?? { object: { fields: { name: fresh() } }, tags: ['t'] }, {
          key: keys[name]!,
        }),
      );
    expect(await as('maker', pci)).toBe('200 ');
    expect(await as('maker', pci, { object: { fields: { email: 'a@b.co' } } })).toBe('403 PV1006');
    expect(await as('maker', pci, { tags: ['t'] })).toBe('403 PV1006');
    expect(await as('tagger', pci)).toBe('403 PV1006');
    expect(await as('tagger', pci, { tags: ['t'] })).toBe('200 ');
    expect(await as('masked', random)).toBe('200 ');
    expect(await as('masked', pci)).toBe('403 PV1006');
  });

  test('403: an id that other tenants have records of', async () => {
    const object = { fields: { name: fresh() } };
    for (const tenant of ['a', 'b'])
      await tokenize(vault, { type: 'pci', object }, { headers: { 'x-tenant-id': tenant } });
    const token = await tokenize(vault, { type: 'pci', object }, { headers: { 'x-tenant-id': 'a' } });
    const sent = { headers: { 'x-tenant-id': 'a' } };
    expect(
      refused(await update(`?token_ids=${token}`, { object: { fields: { name: fresh() } } }, sent)),
    ).toBe('403 PV9009');
    expect(refused(await update(`?token_ids=${token}`, { tags: ['mine'] }, sent))).toBe('200 ');
  });
});

describe('ensure_unique_tenant_tags', () => {
  test('409 where another token has the tag or two would; the token itself may keep it', async () => {
    const [a, b] = [
      await tokenize(vault, { object: { id: ann } }),
      await tokenize(vault, { object: { id: ann } }),
    ];
    const json = { tags: ['only-one'], ensure_unique_tenant_tags: ['only-one'] };
    expect((await update(`?token_ids=${a}`, json)).status).toBe(200);
    expect((await update(`?token_ids=${a}`, json)).status).toBe(200);
    expect(refused(await update(`?token_ids=${b}`, json))).toBe('409 PV9044');
    const two = { tags: ['none-yet'], ensure_unique_tenant_tags: ['none-yet'] };
    expect(refused(await update(`?token_ids=${a},${b}`, two))).toBe('409 PV9044');
    expect(refused(await update(`?token_ids=${a}`, { ensure_unique_tenant_tags: ['x'] }))).toBe('400 PV9006');
    const answers = await Promise.all([a, b].map((token) => update(`?token_ids=${token}`, two)));
    expect(answers.map(refused).sort()).toEqual(['200 ', '409 PV9044']);
  });
});

describe('at the same time', () => {
  test('two changes are both there or one was 409 PV3218', async () => {
    const token = await tokenize(vault, { object: { id: ann } });
    for (let round = 0; round < 5; round++) {
      const [tagged, aged] = await Promise.all([
        update(`?token_ids=${token}`, { tags: [`t${round}`] }),
        update(`?token_ids=${token}&expiration_secs=${1000 * (round + 1)}`),
      ]);
      const now = await metadataOf(token);
      expect([tagged.status, aged.status]).toContain(200);
      expect(['200 ', '409 PV3218']).toContain(refused(tagged));
      expect(['200 ', '409 PV3218']).toContain(refused(aged));
      if (tagged.status === 200) expect(now.tags).toEqual([`t${round}`]);
      if (aged.status === 200) {
        expect(Math.round((Date.parse(now.expiration_time!) - Date.now()) / 1e6)).toBe(round + 1);
      }
    }
  });
});

test.each([
  ['', {}, 'PV9006'],
  ['?token_ids=x', { tags: [...'abcdefghijk'] }, 'PV9007'],
  ['?token_ids=x&options=unsafe', {}, 'PV1012'],
  ['?token_ids=x&expiration_secs=-1', {}, 'PV1012'],
  ['?token_ids=x', { tag: 'x' }, 'PV1012'],
])('400: %j with %j is %s', async (query, json, code) =>
  expect(refused(await update(query, json))).toBe(`400 ${code}`),
);

test('403: needs to write tokens, and of its own tenant', async () => {
  const { reader } = await setClients(vault, [
    { name: 'reader', capabilities: ['*'], allow: [{ operations: ['read'], resources: ['*'] }] },
  ]);
  const token = await tokenize(
    vault,
    { object: { fields: { name: 'x' } } },
    { headers: { 'x-tenant-id': 'a' } },
  );
  expect(refused(await update(`?token_ids=${token}`, {}, { key: reader! }))).toBe('403 PV1006');
  expect(refused(await update(`?token_ids=${token}`, {}, { headers: { 'x-tenant-id': 'b' } }))).toBe(
    '403 PV9009',
  );
});

test.each([
  [`?token_ids=${NOWHERE}`, 'PV3009'],
  ['?tags=no-such-tag', 'PV3009'],
  [`?object_ids=${NOWHERE}`, 'PV3005'],
])('404: %s is %s', async (query, code) => expect(refused(await update(query))).toBe(`404 ${code}`));
