import { CODE_TYPE, addBundle, addType } from '../../support/bundles.js';
import { setClients } from '../../support/iam.js';
import { addCollection, refused } from '../../support/steps.js';
import { type Answer, type Sent, type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
beforeAll(async () => {
  vault = await startVault();
  await addBundle(vault);
  await addType(vault, CODE_TYPE);
  await addCollection(vault, 'things DATA ( code CODE NULL )');
});
afterAll(() => vault.close());

const remove = (name: string, sent: Sent = {}): Promise<Answer> =>
  vault.send('DELETE', `/ctl/types/${name}`, sent);

test('200: a type that no property has is gone', async () => {
  await addType(vault, { name: 'SPARE', base_type_name: 'STRING' });
  expect((await remove('SPARE')).status).toBe(200);
  expect(refused(await vault.send('GET', '/ctl/types/SPARE'))).toBe('404 PV9013');
});

test('400: a built-in type stays, PV9006', async () =>
  expect(refused(await remove('SSN'))).toBe('400 PV9006'));

test('403: needs the capability, PV1007', async () => {
  const { reader } = await setClients(vault, [{ name: 'reader', capabilities: ['CapTypesReader'] }]);
  expect(refused(await remove('CODE', { key: reader! }))).toBe('403 PV1007');
});

test('404: an unknown type is PV9013', async () => expect(refused(await remove('NONE'))).toBe('404 PV9013'));

test('404: of several deletions at once one finds the type, to the others it is gone', async () => {
  await addType(vault, { name: 'BRIEF', base_type_name: 'STRING' });
  const answers = await Promise.all(Array.from({ length: 4 }, () => remove('BRIEF')));
  expect(answers.map(refused).sort()).toEqual(['200 ', '404 PV9013', '404 PV9013', '404 PV9013']);
});

test('409: a type in use stays until no property has it, PV9057', async () => {
  expect(refused(await remove('CODE'))).toBe('409 PV9057');
  expect((await vault.send('GET', '/ctl/types/CODE')).status).toBe(200);
  await vault.send('DELETE', '/ctl/collections/things/properties/code');
  expect((await remove('CODE')).status).toBe(200);
});
