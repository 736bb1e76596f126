import { setClients } from '../../support/iam.js';
import { addCollection, refused } from '../../support/steps.js';
import { type Answer, type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
const get = (name: string, key?: string): Promise<Answer> =>
  vault.send('GET', `/ctl/collections/users/properties/${name}`, key === undefined ? {} : { key });

beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault);
});
afterAll(() => vault.close());

test('200: a property of its own and a built-in one', async () => {
  expect((await get('ssn/')).body).toMatchObject({
    name: 'ssn',
    data_type_name: 'SSN',
    is_unique: true,
    is_builtin: false,
  });
  expect((await get('_tenant_id')).body).toMatchObject({
    name: '_tenant_id',
    data_type_name: 'TENANT_ID',
    is_nullable: true,
    is_encrypted: false,
    is_builtin: true,
  });
});

test('403: needs the capability, PV1007', async () => {
  const { data } = await setClients(vault, [{ name: 'data', capabilities: ['CapDataReader'] }]);
  expect(refused(await get('ssn', data))).toBe('403 PV1007');
});

test.each(['nick', 'SSN', 'ssn.mask', 'constructor'])('404: there is no property %s, PV3004', async (name) =>
  expect(refused(await get(name))).toBe('404 PV3004'),
);

test('404: an unknown collection is PV1004', async () => {
  expect(refused(await vault.send('GET', '/ctl/collections/none/properties/ssn'))).toBe('404 PV1004');
});
