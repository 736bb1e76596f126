import { setClients } from '../../support/iam.js';
import {
  NOWHERE,
  addCollection,
  addObject,
  detokenize,
  refused,
  sql,
  tokenize,
} from '../../support/steps.js';
import { type Answer, type Sent, type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
let ann: string;
const remove = (query: string, sent: Sent = {}): Promise<Answer> =>
  vault.send('DELETE', `/data/collections/users/tokens${query}`, sent);
const total = async (): Promise<number> =>
  (await vault.send('GET', '/data/collections/users/count/tokens')).body.total;

beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault);
  ann = await addObject(vault, { name: 'Ann' });
});
afterAll(() => vault.close());

describe('200', () => {
  test('the tokens are gone, the object stays, nothing is answered', async () => {
    const tokens = [
      await tokenize(vault, { object: { id: ann } }),
      await tokenize(vault, { object: { id: ann } }),
    ];
    const answer = await remove(`/?token_ids=${tokens.join(',')}&token_ids=${tokens[0]}`);
    expect([answer.status, answer.text]).toEqual([200, '']);
    expect(await detokenize(vault, `token_ids=${tokens.join(',')}`)).toEqual([]);
    expect(await total()).toBe(0);
    expect((await vault.send('GET', `/data/collections/users/objects/${ann}?props=name`)).body).toEqual({
      name: 'Ann',
    });
  });

  test('the key of a token of bare fields goes with it, the key of an object stays', async () => {
    const keys = async (): Promise<unknown> =>
      (await sql(vault, 'select count(*)::int as n from keystore.object_key'))[0];
    const before = await keys();
    const free = await tokenize(vault, { object: { fields: { name: 'x' } } });
    const owned = await tokenize(vault, { object: { id: ann } });
    await remove(`?token_ids=${free},${owned}`);
    expect(await keys()).toEqual(before);
  });

  test('by object and tags: all kinds are needed', async () => {
    const keep = await tokenize(vault, { object: { id: ann }, tags: ['keep'] });
    await tokenize(vault, { object: { id: ann }, tags: ['drop'] });
    expect((await remove(`?object_ids=${ann}&tags=drop`)).status).toBe(200);
    expect(await detokenize(vault, `object_ids=${ann}`)).toEqual([
      { token_id: keep, fields: { name: 'Ann' } },
    ]);
  });

  test('archived deletes archived tokens only, also those of objects that are active', async () => {
    const token = await tokenize(vault, { object: { id: ann }, tags: ['old'] });
    expect(refused(await remove(`?token_ids=${token}&options=archived`))).toBe('404 PV3009');
    await vault.send('PATCH', `/data/collections/users/tokens?token_ids=${token}&expiration_secs=0`, {
      json: {},
    });
    expect(refused(await remove(`?token_ids=${token}`))).toBe('404 PV3009');
    expect((await remove(`?object_ids=${ann}&tags=old&options=archived`)).status).toBe(200);
    expect(refused(await remove(`?token_ids=${token}&options=archived`))).toBe('404 PV3009');
  });
});

describe('at the same time', () => {
  test('of several deletions one finds the token', async () => {
    const token = await tokenize(vault, { object: { id: ann } });
    const answers = await Promise.all(Array.from({ length: 4 }, () => remove(`?token_ids=${token}`)));
    expect(answers.map(refused).sort()).toEqual(['200 ', '404 PV3009', '404 PV3009', '404 PV3009']);
  });

  test('a token of an object that is rotated while the object’s tokens are deleted does not live on', async () => {
    for (let round = 0; round < 15; round++) {
      const id = await addObject(vault, {});
      const token = await tokenize(vault, { object: { id } });
      const [deleted] = await Promise.all([
        remove(`?object_ids=${id}`),
        vault.send('POST', `/data/collections/users/rotate/tokens?token_ids=${token}`),
      ]);
      expect(deleted.status).toBe(200);
      expect(await detokenize(vault, `object_ids=${id}`)).toEqual([]);
    }
  });
});

test('200: tenant_id, the older way, is one more condition', async () => {
  const of = (tenant: string): Promise<string> =>
    tokenize(
      vault,
      { object: { fields: { name: 'x' } }, tags: ['both'] },
      { headers: { 'x-tenant-id': tenant } },
    );
  const [a, b] = [await of('a'), await of('b')];
  expect((await remove('?tags=both&tenant_id=a')).status).toBe(200);
  expect(await detokenize(vault, `token_ids=${a},${b}`)).toEqual([{ token_id: b, fields: { name: 'x' } }]);
  expect(refused(await remove(`?token_ids=${b}&tenant_id=a`))).toBe('404 PV3009');
});

test.each([
  ['', 'PV9006'],
  ['?token_ids=', 'PV9006'],
  ['?token_ids=x&options=unsafe', 'PV1012'],
])('400: %j is %s', async (query, code) => expect(refused(await remove(query))).toBe(`400 ${code}`));

test('400: more ids than a page has are PV9007', async () => {
  const ids = Array.from({ length: 1_001 }, (_, i) => `t${i}`).join(',');
  expect(refused(await remove(`?token_ids=${ids}`))).toBe('400 PV9007');
});

test('403: needs to delete tokens, and of its own tenant', async () => {
  const { writer } = await setClients(vault, [
    {
      name: 'writer',
      capabilities: ['CapTokensWriter'],
      allow: [{ operations: ['write'], resources: ['users/tokens'] }],
    },
  ]);
  const token = await tokenize(
    vault,
    { object: { fields: { name: 'x' } } },
    { headers: { 'x-tenant-id': 'a' } },
  );
  expect(refused(await remove(`?token_ids=${token}`, { key: writer! }))).toBe('403 PV1006');
  expect(refused(await remove(`?token_ids=${token}`, { headers: { 'x-tenant-id': 'b' } }))).toBe(
    '403 PV9009',
  );
});

test.each([
  [`?token_ids=${NOWHERE}`, 'PV3009'],
  [`?object_ids=${NOWHERE}`, 'PV3005'],
  ['?tags=none', 'PV3009'],
])('404: %s is %s', async (query, code) => expect(refused(await remove(query))).toBe(`404 ${code}`));
