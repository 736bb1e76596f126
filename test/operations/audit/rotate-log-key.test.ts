import { parseNote, parseVerifierKey, signersOf } from '../../../src/access-log/note.js';
import { checkpointsFrom } from '../../../src/store/access-log/checkpoints.js';
import { setClients } from '../../support/iam.js';
import { refused } from '../../support/steps.js';
import { type TestVault, startVault } from '../../support/vault.js';
import { ask, newest } from './support.js';

let vault: TestVault;
beforeAll(async () => void (vault = await startVault()));
afterAll(() => vault.close());

test('200: a new key signs; the first checkpoint with it is signed by the old one too; the change is recorded', async () => {
  const { body } = await ask(vault, 'keys/rotate', {}, 'POST');
  const listed = body.keys as { key: string; retired_at?: string }[];
  expect(listed.map(({ retired_at }) => retired_at !== undefined)).toEqual([true, false]);
  // Others are made meanwhile, one a second: what counts is their order.
  for (let n = 0; n < 2; n++) {
    await newest(vault, 'rotateLogKey');
    await vault.app.vault.checkpoints.sign();
  }
  const keys = listed.map(({ key }) => parseVerifierKey(key));
  const signers = (await checkpointsFrom(vault.app.vault.database, 0, 100)).map(({ note }) =>
    signersOf(parseNote(note), keys)
      .map((key) => (key === keys[0] ? 'old' : 'new'))
      .join(' and '),
  );
  expect(signers.join(', ')).toMatch(/^(old, )+old and new(, new)+$/);
});

test('403 for everybody but the Admin, auditors included; 401 without a key', async () => {
  const { auditor } = await setClients(vault, [{ name: 'auditor', capabilities: ['CapAuditReader'] }]);
  expect(refused(await ask(vault, 'keys/rotate', { key: auditor! }, 'POST'))).toBe('403 PV1007');
  expect(refused(await ask(vault, 'keys/rotate', { key: null }, 'POST'))).toBe('401 PV1005');
});
