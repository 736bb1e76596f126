import type { VaultClient } from '@piiano/vault-client';
import { parse } from 'smol-toml';
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

test('run-time variables, in the order of the vendor’s own test', async () => {
  expect(await client.configVars.clearAllConfVars({})).toBeUndefined();
  expect(
    await client.configVars.setConfVar({ name: 'log_level', requestBody: { value: 'info' } }),
  ).toBeUndefined();
  expect(await client.configVars.getConfVar({ name: 'log_level' })).toMatchObject({ value: 'info' });
  await client.configVars.clearAllConfVars({});
});

test('settings, license, root key, instances', async () => {
  const toml = await client.system.getConfiguration({});
  expect(parse(toml as unknown as string)).toHaveProperty('service.cache_refresh_interval');
  expect(await client.system.setLicense({ requestBody: { key: 'a license' } })).toBeUndefined();
  expect(await client.system.getLicense({})).toEqual({ key: 'a license', expiration: '' });
  expect(await client.system.getKms({})).toEqual({ kms: { status: 'pass', type: 'LOCAL' } });
  const { vault: head, workers } = await client.system.getClusterInfo({});
  expect(workers.map(({ component }) => component)).toEqual(['data']);
  expect(head.generation_number).toBeGreaterThanOrEqual(workers[0]!.generation_number);
});

test('rotation, garbage collection, an error on purpose', async () => {
  expect(await client.system.rotateKeys({})).toBeUndefined();
  const counts = await client.system.garbageCollection({ reason: 'Maintenance', dryRun: true });
  expect(counts).toEqual([
    { collection_name: 'Tokens', collection_type: 'TOKENS', count: 0 },
    { collection_name: 'TransactionIDs', collection_type: 'TRANSACTION_IDS', count: 0 },
  ]);
  expect((await errorOf(client.system.triggerError({ requestBody: { any: 1 } }))).status).toBe(500);
});

test('the Admin’s key can be replaced', async () => {
  expect(await client.iam.setAdminApiKey({ requestBody: { key: 'Abcdefgh12345678' } })).toBeUndefined();
  expect((await errorOf(client.iam.getIamConf({}))).status).toBe(401);
  expect(await clientOf(vault, 'Abcdefgh12345678').collections.listCollections({})).toEqual([]);
});
