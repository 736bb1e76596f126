import { addAction, addBundle } from '../../support/bundles.js';
import { setClients } from '../../support/iam.js';
import { refused } from '../../support/steps.js';
import { type Answer, type Sent, type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
beforeAll(async () => {
  vault = await startVault();
  await addBundle(vault);
  await addAction(vault, { name: 'echo', function: 'sample.echo', role: 'VaultAdminRole' });
});
afterAll(() => vault.close());

const remove = (name: string, sent: Sent = {}): Promise<Answer> =>
  vault.send('DELETE', `/ctl/actions/${name}`, sent);

test('403: needs the capability, PV1007', async () => {
  const { reader } = await setClients(vault, [{ name: 'reader', capabilities: ['CapActionReader'] }]);
  expect(refused(await remove('echo', { key: reader! }))).toBe('403 PV1007');
});

test('400: the built-in one stays, PV9006', async () =>
  expect(refused(await remove('http_call'))).toBe('400 PV9006'));

test('200: of several deletions at once one finds the action', async () => {
  await addAction(vault, { name: 'brief', function: 'sample.echo', role: 'VaultAdminRole' });
  const answers = await Promise.all(Array.from({ length: 4 }, () => remove('brief')));
  expect(answers.map(refused).sort()).toEqual(['200 ', '404 PV9055', '404 PV9055', '404 PV9055']);
});

test('200: the action is gone, and then 404, PV9055, to delete and to invoke', async () => {
  expect((await remove('echo')).status).toBe(200);
  expect(refused(await remove('echo'))).toBe('404 PV9055');
  expect(refused(await vault.send('POST', '/data/actions/echo', { json: {} }))).toBe('404 PV9055');
});
