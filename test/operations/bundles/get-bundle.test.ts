import { SAMPLE, addBundle, base64 } from '../../support/bundles.js';
import { setClients } from '../../support/iam.js';
import { refused } from '../../support/steps.js';
import { type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
beforeAll(async () => {
  vault = await startVault();
});
afterAll(() => vault.close());

test('200: the bundle as it was added', async () => {
  const added = await addBundle(vault);
  const { body } = await vault.send('GET', '/ctl/bundles/sample');
  expect(body).toEqual(added.body);
  expect(body.code).toBe(base64(SAMPLE));
});

test('403: needs the capability, PV1007', async () => {
  const { data } = await setClients(vault, [{ name: 'data', capabilities: ['CapDataReader'] }]);
  expect(refused(await vault.send('GET', '/ctl/bundles/sample', { key: data! }))).toBe('403 PV1007');
});

test.each(['none', 'Sample', '__proto__'])('404: there is no bundle %s, PV9054', async (name) =>
  expect(refused(await vault.send('GET', `/ctl/bundles/${name}`))).toBe('404 PV9054'),
);
