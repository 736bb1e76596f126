import { refused } from '../../support/steps.js';
import { type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
const PATH = '/system/info/version';
beforeAll(async () => {
  vault = await startVault();
});
afterAll(() => vault.close());

test('200: without a key and with the right one', async () => {
  const { body } = await vault.send('GET', PATH, { key: null });
  expect(body).toEqual({
    db_schema_version: expect.any(Number),
    vault_id: expect.stringMatching(/^\S+$/),
    vault_version: expect.stringMatching(/^\d+\.\d+\.\d+/),
  });
  expect((await vault.send('GET', `${PATH}/`)).body).toEqual(body);
});

test('401: a key that is sent must be right, PV1005', async () => {
  expect(refused(await vault.send('GET', PATH, { key: 'wrong' }))).toBe('401 PV1005');
});
