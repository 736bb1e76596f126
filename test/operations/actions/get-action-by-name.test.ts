import { setClients } from '../../support/iam.js';
import { refused } from '../../support/steps.js';
import { type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
beforeAll(async () => {
  vault = await startVault();
});
afterAll(() => vault.close());

test('200: the built-in action', async () =>
  expect((await vault.send('GET', '/ctl/actions/http_call')).body).toMatchObject({
    name: 'http_call',
    is_builtin: true,
  }));

test('403: needs the capability, PV1007', async () => {
  const { data } = await setClients(vault, [{ name: 'data', capabilities: ['CapDataReader'] }]);
  expect(refused(await vault.send('GET', '/ctl/actions/http_call', { key: data! }))).toBe('403 PV1007');
});

test.each(['none', 'HTTP_CALL', '__proto__'])('404: there is no action %s, PV9055', async (name) =>
  expect(refused(await vault.send('GET', `/ctl/actions/${name}`))).toBe('404 PV9055'),
);
