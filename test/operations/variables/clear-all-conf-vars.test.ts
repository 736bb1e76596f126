import { setClients } from '../../support/iam.js';
import { refused } from '../../support/steps.js';
import { type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
beforeAll(async () => {
  vault = await startVault();
});
afterAll(() => vault.close());

test('200: answers nothing and every variable is as the settings say', async () => {
  await vault.send('POST', '/system/confvar/log_level', { json: { value: 'error' } });
  await vault.send('POST', '/system/confvar/trace_sql', { json: { value: 'true' } });
  const answer = await vault.send('DELETE', '/system/confvar');
  expect([answer.status, answer.text]).toEqual([200, '']);
  expect((await vault.send('GET', '/system/confvar/log_level')).body.value).toBe('debug');
  expect((await vault.send('GET', '/system/confvar/trace_sql')).body.value).toBe(false);
});

test('200: also where none was set', async () => {
  expect((await vault.send('DELETE', '/system/confvar')).status).toBe(200);
});

test('403: only with the capability to write variables, and nothing changes; 401: not without a key', async () => {
  const { reader } = await setClients(vault, [{ name: 'reader', capabilities: ['CapConfvarReader'] }]);
  await vault.send('POST', '/system/confvar/log_level', { json: { value: 'info' } });
  expect(refused(await vault.send('DELETE', '/system/confvar', { key: reader! }))).toBe('403 PV1007');
  expect(refused(await vault.send('DELETE', '/system/confvar', { key: null }))).toBe('401 PV1005');
  expect((await vault.send('GET', '/system/confvar/log_level')).body.value).toBe('info');
});
