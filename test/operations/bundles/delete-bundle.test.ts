import pg from 'pg';
import { CODE_TYPE, addAction, addBundle, addType } from '../../support/bundles.js';
import { setClients } from '../../support/iam.js';
import { addCollection, refused, sql } from '../../support/steps.js';
import { until } from '../../support/until.js';
import { type Answer, type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
beforeEach(async () => {
  vault = await startVault();
  await addBundle(vault);
});
afterEach(() => vault.close());

const remove = (query = ''): Promise<Answer> => vault.send('DELETE', `/ctl/bundles/sample${query}`);
const get = async (path: string): Promise<number> => (await vault.send('GET', path)).status;

test('200: a bundle that nothing uses is gone', async () => {
  expect((await remove()).status).toBe(200);
  expect(refused(await remove())).toBe('404 PV9054');
});

test('404: of several deletions at once one finds the bundle, to the others it is gone', async () => {
  const answers = await Promise.all(Array.from({ length: 4 }, () => remove()));
  expect(answers.map(refused).sort()).toEqual(['200 ', '404 PV9054', '404 PV9054', '404 PV9054']);
});

test.each([
  ['the bundle', '', '/ctl/bundles/sample', { description: 'changed' }],
  ['a data type that goes with it', '?options=force', '/ctl/types/CODE', { description: 'changed' }],
])('200: with a change of %s at the same time the two take turns', async (_, query, path, json) => {
  await addType(vault, CODE_TYPE);
  if (query === '') await vault.send('DELETE', '/ctl/types/CODE');
  const waiting = async (): Promise<number> => {
    const text = `select count(*)::int as n from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
    return ((await sql(vault, text)) as [{ n: number }])[0].n;
  };
  const holder = new pg.Client({ connectionString: vault.database.url });
  await holder.connect();
  await holder.query('begin');
  await holder.query('select from change_generation for update');
  const removal = remove(query);
  await until('the deletion waits', async () => (await waiting()) === 1);
  const change = vault.send('PATCH', path, { json });
  await until('the change waits', async () => (await waiting()) === 2);
  await holder.query('commit');
  await holder.end();
  // Each with a row that the other wants, one of them would be refused after a second: 503.
  expect([refused(await removal), refused(await change)]).toEqual(['200 ', '409 PV3218']);
});

test('200: with force unused data types that refer to it are gone too, and no others', async () => {
  await addBundle(vault, 'other');
  await addType(vault, CODE_TYPE);
  await addType(vault, { name: 'OTHER', base_type_name: 'STRING', transformers: ['other.mask'] });
  await vault.send('PATCH', '/ctl/types/SSN', { json: { transformers: ['sample.compact'] } });
  expect(refused(await remove())).toBe('409 PV9057');
  expect((await remove('?options=force')).status).toBe(200);
  expect([await get('/ctl/types/CODE'), await get('/ctl/types/OTHER')]).toEqual([404, 200]);
  expect((await vault.send('GET', '/ctl/types/SSN')).body.transformers).toEqual(['mask']);
});

test('409: a bundle whose type is in use stays whole, forced or not, PV9057', async () => {
  await addType(vault, CODE_TYPE);
  await addType(vault, { ...CODE_TYPE, name: 'UNUSED' });
  await addCollection(vault, 'things DATA ( code CODE NULL )');
  for (const query of ['', '?options=force']) {
    expect(refused(await remove(query))).toBe('409 PV9057');
  }
  expect([await get('/ctl/types/UNUSED'), await get('/ctl/bundles/sample')]).toEqual([200, 200]);
});

test('409: so does one that an action uses, PV9057', async () => {
  await addAction(vault, { name: 'echo', function: 'sample.echo', role: 'VaultAdminRole' });
  expect(refused(await remove('?options=force'))).toBe('409 PV9057');
});

test('403: needs the capability, PV1007', async () => {
  const { reader } = await setClients(vault, [{ name: 'reader', capabilities: ['CapCodeReader'] }]);
  expect(refused(await vault.send('DELETE', '/ctl/bundles/sample', { key: reader! }))).toBe('403 PV1007');
});
