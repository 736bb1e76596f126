import { addBundle } from '../../support/bundles.js';
import { setClients } from '../../support/iam.js';
import { refused } from '../../support/steps.js';
import { type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
beforeAll(async () => {
  vault = await startVault();
});
afterAll(() => vault.close());

test('200: all of them with what they export, sorted by name, without the code', async () => {
  expect((await vault.send('GET', '/ctl/bundles')).body).toEqual([]);
  await addBundle(vault, 'zebra');
  await addBundle(vault, 'Ape');
  const { body } = await vault.send('GET', '/ctl/bundles');
  expect(body.map(({ name }: { name: string }) => name)).toEqual(['Ape', 'zebra']);
  expect(body[0].exports.transformers.map(({ name }: { name: string }) => name)).toEqual([
    'compact',
    'greeting',
    'mask',
    'with_spaces',
  ]);
  expect(body[0]).not.toHaveProperty('code');
});

test('403: needs the capability, PV1007', async () => {
  const { data } = await setClients(vault, [{ name: 'data', capabilities: ['CapDataReader'] }]);
  expect(refused(await vault.send('GET', '/ctl/bundles', { key: data! }))).toBe('403 PV1007');
});
