import { parseCheckpoint } from '../../../src/access-log/checkpoint.js';
import { verifyConsistency } from '../../../src/access-log/proofs.js';
import { refusal } from '../../support/steps.js';
import { type TestVault, startVault } from '../../support/vault.js';
import { ask, auditorAndOther, outsiders } from './support.js';

let vault: TestVault;
let keys: { auditor: string; other: string };
beforeAll(async () => {
  vault = await startVault();
  keys = await auditorAndOther(vault);
});
afterAll(() => vault.close());

const proof = (query: string, key = keys.auditor) => ask(vault, `proof/consistency?${query}`, { key });

test('200: a later checkpoint is proved to continue an earlier one', async () => {
  const { checkpoints } = vault.app.vault;
  const before = await checkpoints.sign();
  for (let n = 0; n < 5; n++) await vault.send('GET', '/ctl/collections');
  const after = await checkpoints.sign();
  const { body } = await proof(`from=${before.size}&to=${after.size}`);
  const hashes = (body.proof as string[]).map((hash) => Buffer.from(hash, 'base64'));
  const [first, second] = [before, after].map(({ note }) => parseCheckpoint(note).root);
  expect(verifyConsistency(before.size, after.size, first!, second!, hashes)).toBe(true);
  expect((await proof(`from=${after.size}&to=${after.size}`)).body.proof).toEqual([]);
});

test('400 for sizes that are none, or the wrong way round', async () => {
  expect(refusal(await proof('from=3&to=2'))).toEqual([400, 'PV9006', { field: 'from' }]);
  expect(refusal(await proof('from=0&to=2'))).toMatchObject([400, 'PV1012', { field: 'from' }]);
  expect(refusal(await proof('from=1'))).toMatchObject([400, 'PV1012', { field: 'to' }]);
});

test('404 past what was signed', async () => {
  expect(refusal(await proof('from=1&to=999999'))).toEqual([404, 'PV9080', { field: 'to' }]);
});

test('403 without the capability, 401 without a key', async () => {
  expect(await outsiders(vault, keys.other, 'proof/consistency?from=1&to=2')).toEqual([
    '403 PV1007',
    '401 PV1005',
  ]);
});
