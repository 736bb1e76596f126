import { setClients, setIam } from '../../support/iam.js';
import { refused } from '../../support/steps.js';
import { type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
const get = (key?: string) => vault.send('GET', '/ctl/iam/conf', key === undefined ? {} : { key });
beforeAll(async () => {
  vault = await startVault();
});
afterAll(() => vault.close());

test('200: TOML with the three tables, also before anything was set', async () => {
  const answer = await get();
  expect(answer.headers.get('content-type')).toBe('application/toml');
  for (const table of ['users', 'roles', 'policies']) expect(answer.text).toContain(`[${table}]`);
});

test('200: get, set the same, get is the same text, whatever order and spelling it was written in', async () => {
  await setIam(
    vault,
    `
    [policies.p]
    resources = ["users/ssn", "*/types/EMAIL.mask"]
    operations = ["read"]
    policy_type = "allow"
    reasons = ["*"]
    [users.zoe] # the last user
    role = "r"
    [users.ann]
    disabled = true
    role = "r"
    [roles.r]
    policies = ["p"]
    capabilities = ["CapActionsReader", "CapDataReader"]
    [idps.i]
    type = "direct-jwt"
    [idps.i.conf]
    iss = "https://issuer.example"
    aud = "vault"
    jwks_uri = "https://issuer.example/jwks"
    [idps.i.roles_map]
    "a b" = "r"`,
  );
  const first = await get();
  await setIam(vault, first.text);
  const second = await get();
  expect(second.text).toBe(first.text);
  expect(first.text).toContain('"*/types/EMAIL.mask"');
});

test('403: needs the capability, PV1007', async () => {
  const { reader, other } = await setClients(vault, [
    { name: 'reader', capabilities: ['CapIAMReader'] },
    { name: 'other', capabilities: ['CapIAMWriter'] },
  ]);
  expect((await get(reader)).status).toBe(200);
  expect(refused(await get(other))).toBe('403 PV1007');
});
