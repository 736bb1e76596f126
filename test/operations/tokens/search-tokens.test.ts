import { setClients } from '../../support/iam.js';
import { NOWHERE, addCollection, addObject, refusal, refused, tokenize } from '../../support/steps.js';
import { type Answer, type Sent, type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
let ann: string;
let bob: string;
const search = (json: unknown, query = '', sent: Sent = {}): Promise<Answer> =>
  vault.send('POST', `/data/collections/users/query/tokens${query}`, { json, ...sent });
const idsIn = ({ body }: Answer): string[] => body.map((each: { token_id: string }) => each.token_id).sort();

beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault);
  ann = await addObject(vault, { name: 'Ann', ssn: '123-12-1234' });
  bob = await addObject(vault, { name: 'Bob' });
});
afterAll(() => vault.close());

describe('200', () => {
  test('answers metadata and no value', async () => {
    const token = await tokenize(
      vault,
      { type: 'pointer', object: { id: ann }, scope: 's', tags: ['b', 'a'] },
      { query: '?expiration_secs=60' },
    );
    const answer = await search({ token_ids: [token] }, '/?options=');
    expect(answer.body).toEqual([
      {
        token_id: token,
        type: 'pointer',
        scope: 's',
        tokens: [
          {
            creation_time: expect.stringMatching(/Z$/),
            expiration_time: expect.stringMatching(/Z$/),
            effective_expiration_time: expect.stringMatching(/Z$/),
            object_id: ann,
            tags: ['b', 'a'],
          },
        ],
      },
    ]);
    expect(answer.text).not.toContain('123-12-1234');
    const [{ agg, tokens }] = (await search({ token_ids: [token] }, '?options=include_aggregated_data')).body;
    expect(agg).toEqual({ max_effective_expiration_time: tokens[0].effective_expiration_time });
  });

  test('a token of a tenant tells it, one of bare fields has no object', async () => {
    const token = await tokenize(
      vault,
      { object: { fields: { name: 'x' } } },
      { headers: { 'x-tenant-id': 't' } },
    );
    const [{ tokens }] = (await search({ token_ids: [token] })).body;
    expect(tokens[0]).toEqual({
      creation_time: expect.any(String),
      expiration_time: null,
      effective_expiration_time: null,
      effective_tenant_id: 't',
      tags: [],
    });
  });

  test('kinds of selection are all needed, within a kind any id and every tag', async () => {
    const a = await tokenize(vault, { object: { id: ann }, tags: ['p', 'q'] });
    const b = await tokenize(vault, { object: { id: bob }, tags: ['p'] });
    expect(idsIn(await search({ tags: ['p'] }))).toEqual([a, b].sort());
    expect(idsIn(await search({ tags: ['p', 'q'] }))).toEqual([a]);
    expect(idsIn(await search({ tags: ['p'], object_ids: [bob.toUpperCase()] }))).toEqual([b]);
    expect(idsIn(await search({ token_ids: [a, b], object_ids: [ann, bob], tags: [] }))).toEqual(
      [a, b].sort(),
    );
    expect(idsIn(await search({ token_ids: [NOWHERE, 'x'] }))).toEqual([]);
  });

  test('archived finds archived tokens only, also those of objects that are active', async () => {
    const id = await addObject(vault, {});
    const token = await tokenize(vault, { object: { id }, tags: ['old'] });
    await vault.send('PATCH', `/data/collections/users/tokens?token_ids=${token}&expiration_secs=0`, {
      json: {},
    });
    for (const by of [{ token_ids: [token] }, { object_ids: [id] }, { tags: ['old'] }]) {
      expect(idsIn(await search(by))).toEqual([]);
      expect(idsIn(await search(by, '?options=archived'))).toEqual([token]);
    }
  });

  test('a token of an archived object is archived', async () => {
    const id = await addObject(vault, {});
    const token = await tokenize(vault, { object: { id } });
    await vault.send('PATCH', `/data/collections/users/objects/${id}?expiration_secs=0`, { json: {} });
    expect(idsIn(await search({ token_ids: [token] }))).toEqual([]);
    const [found] = (await search({ object_ids: [id] }, '?options=archived')).body;
    expect(found.token_id).toBe(token);
    expect(found.tokens[0].expiration_time).toBeNull();
    expect(found.tokens[0].effective_expiration_time).not.toBeNull();
  });
});

test.each([
  [{}, '', 'PV9006'],
  [{ token_ids: [] }, '', 'PV9006'],
  [{ token_id: 'x' }, '', 'PV1012'],
  [{ token_ids: 'x' }, '', 'PV1012'],
  [{ token_ids: ['x'] }, '?options=include_metadata', 'PV1012'],
  [{ token_ids: Array(1001).fill('x') }, '', 'PV9007'],
])('400: %j with %j is %s', async (json, query, code) =>
  expect(refused(await search(json, query))).toBe(`400 ${code}`),
);

test('403: needs to read the tokens, and those of one tenant are not another’s', async () => {
  const { reader, other } = await setClients(vault, [
    {
      name: 'reader',
      capabilities: ['CapTokensReader'],
      allow: [{ operations: ['read'], resources: ['users/tokens'] }],
    },
    {
      name: 'other',
      capabilities: ['CapTokensReader'],
      allow: [{ operations: ['read'], resources: ['users/properties/*'] }],
    },
  ]);
  const token = await tokenize(
    vault,
    { object: { fields: { name: 'x' } } },
    { headers: { 'x-tenant-id': 'a' } },
  );
  expect((await search({ token_ids: [token] }, '', { key: reader! })).status).toBe(200);
  expect(refused(await search({ token_ids: [token] }, '', { key: other! }))).toBe('403 PV1006');
  expect(refused(await search({ token_ids: [token] }, '', { headers: { 'x-tenant-id': 'b' } }))).toBe(
    '403 PV9009',
  );
});

test('404: a missing owner is PV3005', async () => {
  expect(refusal(await search({ object_ids: [NOWHERE] }))).toEqual([404, 'PV3005', { ids: NOWHERE }]);
  expect(refused(await search({ object_ids: [NOWHERE] }, '?options=archived'))).toBe('404 PV3005');
});
