import { setClients } from '../../support/iam.js';
import { refused } from '../../support/steps.js';
import { type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
beforeAll(async () => {
  vault = await startVault();
});
afterAll(() => vault.close());

test('200: the type and its transformations', async () => {
  expect((await vault.send('GET', '/ctl/types/DATE_OF_BIRTH/')).body).toEqual({
    name: 'DATE_OF_BIRTH',
    base_type_name: 'DATE_OF_BIRTH',
    is_builtin: true,
    description: expect.any(String),
    transformers: ['age', 'age_frac', 'mask'],
  });
});

test('403: needs the capability, PV1007', async () => {
  const { data } = await setClients(vault, [{ name: 'data', capabilities: ['CapDataReader'] }]);
  expect(refused(await vault.send('GET', '/ctl/types/SSN', { key: data! }))).toBe('403 PV1007');
});

test.each(['ssn', 'NOPE', 'constructor', 'SSN.mask'])('404: there is no type %s, PV9013', async (name) =>
  expect(refused(await vault.send('GET', `/ctl/types/${name}`))).toBe('404 PV9013'),
);
