import { setClients } from '../../support/iam.js';
import { refusal, refused } from '../../support/steps.js';
import { type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
beforeAll(async () => {
  vault = await startVault({ COATCHECK_LOG_LEVEL: 'warn' });
});
afterAll(() => vault.close());

test('200: value and default are those of the settings while nothing was set', async () => {
  expect((await vault.send('GET', '/system/confvar/log_level')).body).toEqual({
    name: 'log_level',
    value: 'warn',
    default_value: 'warn',
  });
  expect((await vault.send('GET', '/system/confvar/trace_sql')).body).toEqual({
    name: 'trace_sql',
    value: false,
    default_value: false,
  });
});

test('200: the value is what was set, the default stays', async () => {
  await vault.send('POST', '/system/confvar/log_level', { json: { value: 'error' } });
  expect((await vault.send('GET', '/system/confvar/log_level')).body).toEqual({
    name: 'log_level',
    value: 'error',
    default_value: 'warn',
  });
});

test.each(['canary', 'toString', 'db_password'])(
  '404: %s is no variable, and is not repeated',
  async (name) => {
    const answer = await vault.send('GET', `/system/confvar/${name}`);
    expect(refusal(answer)).toEqual([404, 'PV9067', {}]);
    expect(answer.text).not.toContain(name);
  },
);

test('403: only with the capability to read variables, PV1007', async () => {
  const { reader, writer } = await setClients(vault, [
    { name: 'reader', capabilities: ['CapConfvarReader'] },
    { name: 'writer', capabilities: ['CapConfvarWriter'] },
  ]);
  expect((await vault.send('GET', '/system/confvar/log_level', { key: reader! })).status).toBe(200);
  const refusedAnswer = await vault.send('GET', '/system/confvar/log_level', { key: writer! });
  expect(refused(refusedAnswer)).toBe('403 PV1007');
});

test('401: not without a key', async () => {
  expect(refused(await vault.send('GET', '/system/confvar/log_level', { key: null }))).toBe('401 PV1005');
});
