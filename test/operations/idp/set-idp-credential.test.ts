import { setIam } from '../../support/iam.js';
import { refusal, refused, sql } from '../../support/steps.js';
import { type Answer, type TestVault, startVault } from '../../support/vault.js';
import { type Keys, entriesOf, iam, withHook } from './support.js';

const CREDENTIAL = { client_id: 'm2m', client_secret: 'canary-secret' };

let vault: TestVault;
let keys: Keys;

beforeAll(async () => {
  vault = await startVault({ COATCHECK_SERVICE_ALLOWED_HTTP_DESTINATIONS: 'https://acme.example' });
  keys = await withHook(vault, 'write_back = "https://acme.example"');
});
afterAll(() => vault.close());

const set = (hook: string, json: unknown = CREDENTIAL, key?: string): Promise<Answer> =>
  vault.send('POST', `/api/coatcheck/1.0/idp/hooks/${hook}/credential`, {
    json,
    ...(key !== undefined && { key }),
  });

test('200: it is sealed, another replaces it, and nothing gives it back', async () => {
  expect((await set('shop')).text).toBe('');
  const [first] = await sql(vault, 'select sealed from keystore.idp_credential');
  expect((await set('shop', { ...CREDENTIAL, audience: 'https://acme.example/api/v2/' })).status).toBe(200);
  const rows = await sql(vault, 'select sealed from keystore.idp_credential');
  expect(rows).toHaveLength(1);
  expect(rows[0]).not.toEqual(first);
  expect(JSON.stringify(rows) + vault.logged()).not.toContain('canary');
  const entries = await entriesOf(vault, 'setIdpCredential');
  expect([entries.length, JSON.stringify(entries).includes('canary')]).toEqual([2, false]);
});

test('400 for what is no credential, without repeating it', async () => {
  for (const json of [
    {},
    { ...CREDENTIAL, client_id: '' },
    { ...CREDENTIAL, extra: 'canary-extra' },
    { ...CREDENTIAL, client_secret: 7 },
  ]) {
    const answer = await set('shop', json);
    expect([refusal(answer)[0], answer.text.includes('canary')]).toEqual([400, false]);
  }
});

test('403 PV1007 for everybody but Admin', async () => {
  expect(refused(await set('shop', CREDENTIAL, keys.hook))).toBe('403 PV1007');
  expect(refused(await set('shop', CREDENTIAL, keys.reader))).toBe('403 PV1007');
});

test('403 PV9060 for an address that the settings do not list', async () => {
  await setIam(vault, iam('write_back = "https://evil.example"'));
  expect(refused(await set('shop'))).toBe('403 PV9060');
});

test('404 PV9111 for a hook that is not there or has no write_back', async () => {
  await setIam(vault, iam());
  expect(refused(await set('shop'))).toBe('404 PV9111');
  for (const hook of ['nobody', '__proto__', 'constructor'])
    expect(refused(await set(hook))).toBe('404 PV9111');
});

test('a configuration whose write_back could not work is refused', async () => {
  const put = (toml: string): Promise<Answer> =>
    vault.send('POST', '/ctl/iam/conf', { raw: toml, type: 'application/toml' });
  for (const address of [
    'acme.example',
    'ftp://acme.example',
    'https://a:b@acme.example',
    'https://acme.example?x=1',
  ]) {
    const answer = await put(iam(`write_back = "${address}"`));
    expect(refusal(answer)[2].path).toBe('idp_hooks.shop.write_back');
  }
  const cognito = iam('write_back = "https://acme.example"').replace('"auth0"', '"cognito"');
  expect(refusal(await put(cognito))[2].path).toBe('idp_hooks.shop.write_back');
});
