import pg from 'pg';
import { CODE_TYPE, addAction, addBundle, addType } from '../../support/bundles.js';
import { setClients } from '../../support/iam.js';
import { lockWaiters } from '../../support/lock-waiters.js';
import { addCollection, refused } from '../../support/steps.js';
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

/** Both wait for the same moment, the deletion first. */
async function deletedBefore(query: string, other: () => Promise<Answer>): Promise<string[]> {
  const waiting = async (): Promise<number> => (await lockWaiters(vault)).length;
  const holder = new pg.Client({ connectionString: vault.database.url });
  await holder.connect();
  await holder.query('begin');
  await holder.query('select from change_generation for update');
  const removal = remove(query);
  await until('the deletion waits', async () => (await waiting()) === 1);
  const change = other();
  await until('the change waits', async () => (await waiting()) === 2);
  await holder.query('commit');
  await holder.end();
  return [refused(await removal), refused(await change)];
}

test('200: with a change of the bundle, or of a type that goes with it, at the same time the two take turns', async () => {
  const json = { description: 'changed' };
  // Each with a row that the other wants, one of them would be refused after a second: 503.
  const bundle = (): Promise<Answer> => vault.send('PATCH', '/ctl/bundles/sample', { json });
  expect(await deletedBefore('', bundle)).toEqual(['200 ', '409 PV3218']);
  await addBundle(vault);
  await addType(vault, CODE_TYPE);
  const type = (): Promise<Answer> => vault.send('PATCH', '/ctl/types/CODE', { json });
  expect(await deletedBefore('?options=force', type)).toEqual([
    '200 ',
    expect.stringMatching(/^(404 PV9058|409 PV3218)$/),
  ]);
});

test('200: what is to use the bundle and comes a moment later finds it gone, PV9058, and is not there', async () => {
  const post = (path: string, json: object) => () => vault.send('POST', path, { json });
  expect(await deletedBefore('', post('/ctl/types', CODE_TYPE))).toEqual(['200 ', '404 PV9058']);
  await addBundle(vault);
  const action = { name: 'echo', function: 'sample.echo', role: 'VaultAdminRole' };
  expect(await deletedBefore('', post('/ctl/actions', action))).toEqual(['200 ', '404 PV9058']);
  await addBundle(vault);
  const json = { transformers: ['sample.compact'] };
  const builtin = (): Promise<Answer> => vault.send('PATCH', '/ctl/types/SSN', { json });
  expect(await deletedBefore('', builtin)).toEqual(['200 ', '404 PV9058']);
  expect([await get('/ctl/types/CODE'), await get('/ctl/actions/echo')]).toEqual([404, 404]);
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
