import { setIam } from '../../support/iam.js';
import { refused, sql } from '../../support/steps.js';
import { type Answer, type TestVault, startVault } from '../../support/vault.js';
import { type Keys, iam, withHook } from './support.js';

let vault: TestVault;
let keys: Keys;
beforeAll(async () => {
  vault = await startVault({ COATCHECK_SERVICE_ALLOWED_HTTP_DESTINATIONS: 'https://legacy.example' });
  keys = await withHook(vault);
  const hook = '[idp_hooks.org]\nprovider = "okta"\nissuer = "https://acme.okta.com"\nusers = ["hook"]\n';
  await setIam(vault, `${iam()}${hook}check_passwords_at = "https://legacy.example"\n`);
});
afterAll(() => vault.close());

const PATH = '/api/coatcheck/1.0/idp/hooks/org/password-secret';
const forget = (key?: string): Promise<Answer> =>
  vault.send('DELETE', PATH, key === undefined ? {} : { key });

test('200: it is gone, also where the hook is, and then 404 PV9118', async () => {
  const json = { secret: 'a-secret-of-the-service' };
  expect((await vault.send('POST', PATH, { json })).status).toBe(200);
  await setIam(vault, iam());
  expect((await forget()).status).toBe(200);
  expect(await sql(vault, 'select 1 from keystore.idp_signing_secret')).toEqual([]);
  expect(refused(await forget())).toBe('404 PV9118');
});

test('403 PV1007 for everybody but Admin', async () => {
  expect(refused(await forget(keys.eraser))).toBe('403 PV1007');
});
