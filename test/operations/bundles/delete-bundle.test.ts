import { CODE_TYPE, addAction, addBundle, addType } from '../../support/bundles.js';
import { setClients } from '../../support/iam.js';
import { addCollection, refused } from '../../support/steps.js';
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
