import { buildBlindIndexes } from '../../../src/operations/properties/build-blind-index.js';
import { addCollection, addObject, refused, sql } from '../../support/steps.js';
import { type Answer, type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
const update = (id: string, json: object, query = ''): Promise<Answer> =>
  vault.send('PATCH', `/data/collections/users/objects/${id}${query}`, { json });
const setIndex = (is_index: boolean): Promise<Answer> =>
  vault.send('PATCH', '/ctl/collections/users/properties/email', { json: { is_index } });
const count = async (email: string, options = ''): Promise<number> => {
  const path = `/data/collections/users/query/objects?props=id&page_size=1000${options}`;
  return (await vault.send('POST', path, { json: { match: { email } } })).body.results.length;
};
const isBuilt = async (): Promise<unknown> =>
  (await sql(vault, "select index_built from property where name = 'email'"))[0];
const later = (): Date => new Date(Date.now() + 3_600_000);

beforeAll(async () => {
  vault = await startVault({ COATCHECK_SEARCH_SCAN_LIMIT: '1000' });
});
beforeEach(async () => {
  await vault.send('DELETE', '/ctl/collections/users');
  await addCollection(vault);
});
afterAll(() => vault.close());

test('until the index is complete a search looks at the values; then the index answers the same', async () => {
  const ids = [];
  for (let i = 0; i < 4; i++) ids.push(await addObject(vault, { email: 'a@b.co' }));
  await update(ids[3]!, {}, '?expiration_secs=0');
  await setIndex(true);
  await buildBlindIndexes(vault.app.vault);
  expect(await isBuilt()).toEqual({ index_built: false });
  expect([await count('a@b.co'), await count('a@b.co', '&options=archived')]).toEqual([3, 1]);

  await buildBlindIndexes(vault.app.vault, later());
  expect(await isBuilt()).toEqual({ index_built: true });
  expect([await count('a@b.co'), await count('a@b.co', '&options=archived')]).toEqual([3, 1]);
  expect(await sql(vault, 'select count(*)::int as n from blind_index')).toEqual([{ n: 4 }]);

  await setIndex(false);
  expect(await sql(vault, 'select * from blind_index')).toEqual([]);
  expect(await count('a@b.co')).toBe(3);
});

test('an index that is no longer wanted is not built', async () => {
  await addObject(vault, { email: 'a@b.co' });
  await setIndex(true);
  await setIndex(false);
  await buildBlindIndexes(vault.app.vault, later());
  expect(await sql(vault, 'select * from blind_index')).toEqual([]);
});

test('objects that change while the attribute is set and while the index is built are all found', async () => {
  for (let round = 0; round < 4; round++) {
    const ids: string[] = [];
    for (let i = 0; i < 12; i++) ids.push(await addObject(vault, { email: 'a@b.co' }));
    const change = (json: object): Promise<Answer>[] => ids.map((id) => update(id, json));

    const first = await Promise.all([...change({ email: 'c@d.co' }), setIndex(true)]);
    expect(first.map(refused)).toEqual(first.map(() => '200 '));
    expect([await count('a@b.co'), await count('c@d.co')]).toEqual([0, 12]);

    await Promise.all([
      ...change({ name: `N${round}` }),
      ...ids.map((id) => update(id, {}, '?expiration_secs=600')),
      buildBlindIndexes(vault.app.vault, later()),
    ]);
    expect(await isBuilt()).toEqual({ index_built: true });
    expect([await count('a@b.co'), await count('c@d.co')]).toEqual([0, 12]);

    await setIndex(false);
    for (const id of ids) await vault.send('DELETE', `/data/collections/users/objects/${id}`);
  }
});
