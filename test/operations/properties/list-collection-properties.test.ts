import { setClients } from '../../support/iam.js';
import { addCollection, refused } from '../../support/steps.js';
import { type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
const PATH = '/ctl/collections/users/properties';
beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault);
});
afterAll(() => vault.close());

test('200: its own properties in the order of creation, built-in ones before them on request', async () => {
  const own = ['name', 'ssn', 'email', 'phone_number', 'zip_code_us', 'birthday'];
  const names = (body: { name: string }[]): string[] => body.map(({ name }) => name);
  expect(names((await vault.send('GET', `${PATH}/?options=`)).body)).toEqual(own);
  expect(names((await vault.send('GET', `${PATH}?options=show_builtins`)).body)).toEqual([
    'id',
    '_owner_id',
    '_owner_collection',
    '_tenant_id',
    '_creation_time',
    '_modification_time',
    '_expiration_time',
    ...own,
  ]);
});

test('400: options has no other value, PV1012', async () => {
  expect(refused(await vault.send('GET', `${PATH}?options=unsafe`))).toBe('400 PV1012');
});

test('403: needs the capability, PV1007', async () => {
  const { data } = await setClients(vault, [{ name: 'data', capabilities: ['CapDataReader'] }]);
  expect(refused(await vault.send('GET', PATH, { key: data! }))).toBe('403 PV1007');
});

test('404: an unknown collection is PV1004', async () => {
  expect(refused(await vault.send('GET', '/ctl/collections/none/properties'))).toBe('404 PV1004');
});
