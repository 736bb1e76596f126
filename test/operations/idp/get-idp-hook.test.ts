import { setIam } from '../../support/iam.js';
import { refused } from '../../support/steps.js';
import { type TestVault, startVault } from '../../support/vault.js';
import { type Keys, entriesOf, iam, withHook } from './support.js';

const HOOK = '/api/coatcheck/1.0/idp/auth0/hook?issuer=acme';
const MAP = 'map = { "app_metadata.national_id" = "user_id" }';

let vault: TestVault;
let keys: Keys;
beforeAll(async () => {
  vault = await startVault();
  keys = await withHook(vault);
});
afterAll(() => vault.close());

test('200: tells a key of the hook what it may report and what becomes of it', async () => {
  await setIam(vault, iam(`${MAP}\nkeep = ["app_metadata.phone"]`, { policies: '"store_some"' }));
  const { body } = await vault.send('GET', HOOK, { key: keys.importer });
  const { properties, time, ...rest } = body;
  expect(rest).toEqual({
    ...{ name: 'shop', provider: 'auth0', issuer: 'acme', collection: 'users' },
    ...{ capabilities: ['CapIdpImport'], token_seconds: 86_460, ignore: [], keep: ['app_metadata.phone'] },
    map: { 'app_metadata.national_id': 'user_id' },
  });
  expect(Math.abs(Date.parse(time as string) - Date.now())).toBeLessThan(60_000);
  expect(properties).toContainEqual({
    ...{ name: 'ssn', data_type_name: 'SSN', is_required: false },
    ...{ may_store: true, may_tokenize: true, may_erase: false },
  });
  expect(properties).toContainEqual(expect.objectContaining({ name: 'phone', may_store: false }));
  const clients = { web: ['ssn'] };
  await setIam(
    vault,
    iam(
      'clients = { web = ["ssn"] }\nquarantine = "notes"\nclaim = "https://a.example/t"\ntenant = "t1"\nprofile = { required = ["ssn"], claim = "https://a.example/c" }',
    ),
  );
  const listed = await vault.send('GET', HOOK, { key: keys.eraser });
  expect(listed.body).toMatchObject({
    ...{ clients, claim: 'https://a.example/t', tenant: 't1', quarantine: 'notes' },
    profile: { required: ['ssn'], claim: 'https://a.example/c' },
  });
  expect((await entriesOf(vault, 'getIdpHook')).at(-1)).toMatchObject({
    outcome: 'allowed',
    user: 'eraser',
  });
  await setIam(vault, iam(MAP));
});

test('403: a key that is not the hook’s; 404: a provider that is not known; 400: without an issuer', async () => {
  expect(refused(await vault.send('GET', HOOK, { key: keys.stranger }))).toBe('403 PV9088');
  expect(refused(await vault.send('GET', HOOK, { key: keys.reader }))).toBe('403 PV1007');
  expect(refused(await vault.send('GET', HOOK.replace('auth0', 'x'), { key: keys.hook }))).toBe('404 PV9086');
  expect((await vault.send('GET', HOOK.slice(0, -12), { key: keys.hook })).status).toBe(400);
});

test('404: the collection of the hook is gone', async () => {
  const raw = 'short PERSONS ( ssn SSN NULL )';
  await vault.send('POST', '/ctl/collections', { raw, type: 'application/pvschema' });
  await setIam(vault, iam('collection = "short"').replaceAll('users/properties', '*/properties'));
  await vault.send('DELETE', '/ctl/collections/short');
  expect(refused(await vault.send('GET', HOOK, { key: keys.importer }))).toBe('404 PV1004');
  await setIam(vault, iam(MAP));
});
