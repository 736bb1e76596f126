import { formatVerifierKey, parseVerifierKey } from '../../../src/access-log/note.js';
import { type TestVault, startVault } from '../../support/vault.js';
import { ask, auditorAndOther, outsiders } from './support.js';

let vault: TestVault;
let keys: { auditor: string; other: string };
beforeAll(async () => {
  vault = await startVault({ COATCHECK_AUDIT_ORIGIN: 'vault.example/log' });
  keys = await auditorAndOther(vault);
});
afterAll(() => vault.close());

test('200: the one key there is, under the name that the settings give the log, and no secret', async () => {
  const { status, body } = await ask(vault, 'keys', { key: keys.auditor });
  expect([status, body]).toEqual([
    200,
    {
      origin: 'vault.example/log',
      keys: [
        { key: expect.stringMatching(/^vault\.example\/log\+[0-9a-f]{8}\+/), created_at: expect.any(String) },
      ],
      witnesses: [],
    },
  ]);
  const { key } = body.keys[0] as { key: string };
  expect(formatVerifierKey(parseVerifierKey(key))).toBe(key);
});

test('200: the name stays when the settings change', async () => {
  const again = await startVault({ COATCHECK_AUDIT_ORIGIN: 'elsewhere.example' }, vault.database);
  try {
    expect((await ask(again, 'keys')).body.origin).toBe('vault.example/log');
  } finally {
    await again.close();
  }
});

test('403 without the capability, 401 without a key', async () => {
  expect(await outsiders(vault, keys.other, 'keys')).toEqual(['403 PV1007', '401 PV1005']);
});
