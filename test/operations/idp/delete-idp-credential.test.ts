import { refused, sql } from '../../support/steps.js';
import { type Answer, type TestVault, startVault } from '../../support/vault.js';
import { type Keys, withHook } from './support.js';

let vault: TestVault;
let keys: Keys;

beforeAll(async () => {
  vault = await startVault({ COATCHECK_SERVICE_ALLOWED_HTTP_DESTINATIONS: 'https://acme.example' });
  keys = await withHook(vault, 'write_back = "https://acme.example"');
});
afterAll(() => vault.close());

const PATH = '/api/coatcheck/1.0/idp/hooks/shop/credential';
const forget = (key?: string): Promise<Answer> =>
  vault.send('DELETE', PATH, key === undefined ? {} : { key });

test('200: it is gone, and then 404 PV9112', async () => {
  const json = { client_id: 'm2m', client_secret: 'a secret' };
  expect((await vault.send('POST', PATH, { json })).status).toBe(200);
  expect((await forget()).status).toBe(200);
  expect(await sql(vault, 'select 1 from keystore.idp_credential')).toEqual([]);
  expect(refused(await forget())).toBe('404 PV9112');
});

test('403 PV1007 for everybody but Admin', async () => {
  expect(refused(await forget(keys.eraser))).toBe('403 PV1007');
});
