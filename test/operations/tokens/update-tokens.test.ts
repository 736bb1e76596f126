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

test('501: encrypted values are planned', async () =>
  expect(refused(await update('?token_ids=x', { object: { encrypted: { ciphertext: 'AgAB' } } }))).toBe(
    '501 PV2001',
  ));
