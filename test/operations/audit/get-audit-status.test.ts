import { until } from '../../support/until.js';
import { type TestVault, startVault } from '../../support/vault.js';
import { ask, auditorAndOther, outsiders } from './support.js';

let vault: TestVault;
let keys: { auditor: string; other: string };
beforeAll(async () => {
  vault = await startVault();
  keys = await auditorAndOther(vault);
});
afterAll(() => vault.close());

test('200: a checkpoint follows the log within seconds, and nothing stands against it', async () => {
  const { body: before } = await ask(vault, 'status', { key: keys.auditor });
  expect(before).toEqual({
    size: expect.any(Number),
    pruned_size: 0,
    checkpoint_size: expect.any(Number),
    checkpoint_time: expect.stringMatching(/Z$/),
    problems: [],
    witnesses: [],
  });
  await until('it is signed', async () => (await ask(vault, 'status')).body.checkpoint_size >= before.size);
});

test('403 without the capability, 401 without a key', async () => {
  expect(await outsiders(vault, keys.other, 'status')).toEqual(['403 PV1007', '401 PV1005']);
});
