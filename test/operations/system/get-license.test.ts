import { setClients } from '../../support/iam.js';
import { refused } from '../../support/steps.js';
import { type TestVault, startVault } from '../../support/vault.js';

const KEY = 'eyJhbGciOiJIUzI1NiJ9.license.0123456789';

async function withVault(
  env: Record<string, string>,
  test: (vault: TestVault) => Promise<void>,
): Promise<void> {
  const vault = await startVault(env);
  try {
    await test(vault);
  } finally {
    await vault.close();
  }
}
const read = async (vault: TestVault): Promise<unknown> =>
  (await vault.send('GET', '/system/info/license')).body;

test('200: empty texts before one was set, and afterwards what was set, as it was given', () =>
  withVault({}, async (vault) => {
    expect(await read(vault)).toEqual({ key: '', expiration: '' });
    await vault.send('POST', '/system/info/license', { json: { key: KEY } });
    expect(await read(vault)).toEqual({ key: KEY, expiration: '' });
  }));

test('200: the one in the settings stands in until one is set', () =>
  withVault({ PVAULT_SERVICE_LICENSE: 'from the settings' }, async (vault) => {
    expect(await read(vault)).toEqual({ key: 'from the settings', expiration: '' });
    await vault.send('POST', '/system/info/license', { json: { key: KEY } });
    expect(await read(vault)).toEqual({ key: KEY, expiration: '' });
  }));

test('200: masked where the settings say so: its end, and of a short one nothing', () =>
  withVault({ COATCHECK_FEATURES_MASK_LICENSE: 'true' }, async (vault) => {
    expect(await read(vault)).toEqual({ key: '', expiration: '' });
    await vault.send('POST', '/system/info/license', { json: { key: KEY } });
    expect(await read(vault)).toEqual({ key: '********6789', expiration: '' });
    await vault.send('POST', '/system/info/license', { json: { key: 'short' } });
    expect(await read(vault)).toEqual({ key: '********', expiration: '' });
  }));

test('403: only with the capability, PV1007; 401: not without a key', () =>
  withVault({}, async (vault) => {
    const keys = await setClients(vault, [
      { name: 'reader', capabilities: ['CapInfoReader'] },
      { name: 'nobody', capabilities: [] },
    ]);
    expect((await vault.send('GET', '/system/info/license', { key: keys.reader! })).status).toBe(200);
    expect(refused(await vault.send('GET', '/system/info/license', { key: keys.nobody! }))).toBe(
      '403 PV1007',
    );
    expect(refused(await vault.send('GET', '/system/info/license', { key: null }))).toBe('401 PV1005');
  }));
