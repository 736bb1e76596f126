import type { VaultClient } from '@piiano/vault-client';
import { type TestVault, startVault } from '../support/vault.js';
import { clientOf, errorOf } from './client.js';

const IAM = `
[users.app]
role = "app"
[roles.app]
capabilities = ["CapCollectionsReader"]
policies = ["nothing"]
[policies.nothing]
policy_type = "deny"
operations = ["*"]
reasons = ["*"]
resources = ["*"]
`;
let vault: TestVault;
let client: VaultClient;
beforeAll(async () => {
  vault = await startVault();
  client = clientOf(vault);
});
afterAll(() => vault.close());

test('health and version', async () => {
  expect(await client.system.controlHealth()).toEqual({ status: 'pass' });
  expect(await client.system.dataHealth()).toEqual({ status: 'pass' });
  expect(await client.system.getVaultVersion({})).toEqual({
    vault_id: expect.any(String),
    vault_version: expect.any(String),
    db_schema_version: expect.any(Number),
  });
  expect((await errorOf(clientOf(vault, 'wrong').system.getVaultVersion({}))).status).toBe(401);
});

test('the IAM configuration travels as text and comes back as it went', async () => {
  expect(await client.iam.setIamConf({ requestBody: IAM })).toBeUndefined();
  const first = await client.iam.getIamConf({});
  await client.iam.setIamConf({ requestBody: first });
  expect(await client.iam.getIamConf({})).toBe(first);
});

test('a regenerated key kills the one before at once', async () => {
  const { api_key: old } = await client.iam.regenerateUserApiKey({ requestBody: { name: 'app' } });
  const asOld = clientOf(vault, old);
  expect(await asOld.collections.listCollections({})).toEqual([]);
  const { api_key, api_key_expiry } = await client.iam.regenerateUserApiKey({ requestBody: { name: 'app' } });
  expect((await errorOf(asOld.collections.listCollections({}))).status).toBe(401);
  expect(await clientOf(vault, api_key).collections.listCollections({})).toEqual([]);
  expect(await client.iam.getUser({ user: 'app' })).toEqual({
    name: 'app',
    api_key: { expiry: api_key_expiry },
  });
  expect((await errorOf(client.iam.regenerateUserApiKey({ requestBody: { name: 'Admin' } }))).status).toBe(
    403,
  );
  expect((await errorOf(clientOf(vault, api_key).iam.getIamConf({}))).status).toBe(403);

  const { api_key_expiry: soon } = await client.iam.updateApiKeyExpiration({
    requestBody: { name: 'app', expiration_secs: 0 },
  });
  expect(Date.parse(soon)).toBeLessThanOrEqual(Date.now());
  expect((await errorOf(clientOf(vault, api_key).collections.listCollections({}))).status).toBe(401);
});

test('data types', async () => {
  expect(await client.customDataTypes.listDataTypes({})).toEqual([]);
  const types = await client.customDataTypes.listDataTypes({ options: ['show_builtins'] });
  expect(types.map(({ name }) => name)).toEqual(expect.arrayContaining(['SSN', 'EMAIL', 'CC_NUMBER']));
  expect(await client.customDataTypes.getDataType({ type: 'SSN' })).toMatchObject({
    name: 'SSN',
    is_builtin: true,
  });
});

test('the Admin’s key can be replaced', async () => {
  expect(await client.iam.setAdminApiKey({ requestBody: { key: 'Abcdefgh12345678' } })).toBeUndefined();
  expect((await errorOf(client.iam.getIamConf({}))).status).toBe(401);
  expect(await clientOf(vault, 'Abcdefgh12345678').collections.listCollections({})).toEqual([]);
});
