import { addAction, addBundle } from '../../support/bundles.js';
import { keyOf, setIam } from '../../support/iam.js';
import { AUDIENCE, ISSUER, claimsOf, ecKey, signed } from '../../support/jwt.js';
import { addCollection, addObject } from '../../support/steps.js';
import { type Answer, type Sent, type TestVault, startVault } from '../../support/vault.js';

/** Decisions about callers with JWTs, by delegation and by actions, taken again under another configuration. */
const key = ecKey('k1');
const ROLE = 'https://app.piiano.io/role';
const PROP = 'https://app.piiano.io/prop';
const PERIOD = { from: '2020-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' };

interface Iam {
  idp?: string;
  iss?: string;
  users?: string;
  trusted?: string;
  allowed?: string;
  acting?: string;
}
const iam = ({
  idp = '',
  iss = ISSUER,
  users = '[users.backend]\nrole = "backend"',
  trusted = 'backend',
  allowed = 'users/properties/*',
  acting = '["CapDataReader"]',
}: Iam = {}): string => `
[users]
${users}
[roles.reader]
capabilities = ["CapDataReader"]
policies = ["p"]
[roles.writer]
capabilities = ["CapDataReader", "CapActionInvoker"]
policies = ["p", "invoke"]
[roles.backend]
capabilities = []
policies = []
[roles.behalf]
capabilities = ["CapDataReader"]
policies = ["p"]
trusted_roles = ["${trusted}"]
[roles.acting]
capabilities = ${acting}
policies = ["p"]
[policies.p]
policy_type = "allow"
operations = ["read"]
reasons = ["*"]
resources = ["${allowed}"]
[policies.invoke]
policy_type = "allow"
operations = ["invoke"]
reasons = ["*"]
resources = ["*"]
[idps.corp]
type = "direct-jwt"
${idp}
[idps.corp.conf]
iss = "${iss}"
aud = "${AUDIENCE}"
keys = '${JSON.stringify({ keys: [key.jwk] })}'
`;

let vault: TestVault;
const names = new Map<number, string>();
const jwt = (sub: string, role: string | null, more: object = {}): string =>
  signed(key, claimsOf(sub, { ...(role !== null && { [ROLE]: role }), ...more }));
const replay = async (toml: string, more: object = {}): Promise<Answer['body']> =>
  (
    await vault.send('POST', '/api/coatcheck/1.0/audit/replay', {
      json: { ...PERIOD, iam: toml, operation: 'getObjectById', ...more },
    })
  ).body;
/** Name of the access -> what it would be. */
async function told(toml: string): Promise<Record<string, string>> {
  const { changes } = (await replay(toml)) as {
    changes: { index: number; from: string; to: string; rule: string }[];
  };
  return Object.fromEntries(
    changes.map(({ index, from, to, rule }) => [names.get(index) ?? '?', `${from} ${to} ${rule}`]),
  );
}

beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault);
  const id = await addObject(vault, { name: 'Ann', ssn: '123-12-1234', _tenant_id: 't1' });
  await addBundle(
    vault,
    'b',
    `exports.read = { type: 'action', handler: ({ vault, body }) => vault.deref({ v: body }) };`,
  );
  await setIam(vault, iam());
  await addAction(vault, { name: 'looker', function: 'b.read', role: 'acting' });
  await addAction(vault, { name: 'mighty', function: 'b.read', role: 'VaultAdminRole' });
  const backend = await keyOf(vault, 'backend');

  const last = async (name: string): Promise<void> => {
    const path = '/api/coatcheck/1.0/audit/entries?operation=getObjectById&limit=1';
    names.set((await vault.send('GET', path)).body.entries[0].index, name);
  };
  const read = async (name: string, caller: string, sent: Sent = {}): Promise<void> => {
    await vault.send('GET', `/data/collections/users/objects/${id}?props=name`, { key: caller, ...sent });
    await last(name);
  };
  await read('jwt', jwt('auth0|a:b', 'reader'));
  await read('delegated', backend, { headers: { 'x-pvault-delegation': jwt('ann', 'behalf') } });
  await read('distrusted', backend, { headers: { 'x-pvault-delegation': jwt('ann', 'reader') } });
  await read('roleless', jwt('nobody', null));
  await read('restricted', jwt('own', 'reader', { [`${PROP}/id`]: '00000000-0000-4000-8000-000000000000' }));
  await read('elsewhere', jwt('t2', 'reader', { [`${PROP}/_tenant_id`]: 't2' }));
  for (const action of ['looker', 'mighty']) {
    const json = `pvlt:read_object:users:name:${id}:`;
    await vault.send('POST', `/data/actions/${action}`, { json, key: jwt('svc', 'writer') });
    await last(action);
  }
});
afterAll(() => vault.close());

test('the entries say what decided, and which action did it for whom', async () => {
  const path = '/api/coatcheck/1.0/audit/entries?operation=getObjectById&limit=100';
  const { body } = await vault.send('GET', path);
  const of = new Map(body.entries.map((entry: { index: number }) => [names.get(entry.index), entry]));
  expect(of.get('restricted')).toMatchObject({ outcome: 'denied', rule: 'restricted-by-claims' });
  expect(of.get('distrusted')).toMatchObject({ outcome: 'denied', rule: 'no-trusted-role' });
  expect(of.get('looker')).toMatchObject({
    user: 'corp:svc',
    issuer: ISSUER,
    subject: 'svc',
    role: 'acting',
    action: 'looker',
    touches: [expect.objectContaining({ operation: 'read', property: 'name' })],
  });
  expect(of.get('jwt')).not.toHaveProperty('action');
});

test('the configuration in force changes nothing; what claims decided is counted and not guessed, the Admin role left out', async () => {
  expect(await replay((await vault.send('GET', '/ctl/iam/conf')).text)).toEqual({
    changes: [],
    evaluated: 3,
    not_replayable: 4,
    approximate: 0,
    cursor: '',
  });
});

test('a policy taken away is felt by each of them', async () => {
  expect(await told(iam({ allowed: 'users/properties/ssn' }))).toEqual({
    jwt: 'allowed denied no-policy',
    delegated: 'allowed denied no-policy',
    looker: 'allowed denied no-policy',
  });
});

test.each<[string, Iam, Record<string, string>]>([
  [
    'disabled',
    { idp: 'disabled = true' },
    { jwt: 'disabled-idp', looker: 'disabled-idp', delegated: 'role-not-of-idp' },
  ],
  [
    'of another issuer',
    { iss: 'https://other.example' },
    { jwt: 'unknown-idp', looker: 'unknown-idp', delegated: 'role-not-of-idp' },
  ],
  [
    'that may give other roles only',
    { idp: 'allowed_roles = ["writer"]' },
    { jwt: 'role-not-of-idp', delegated: 'role-not-of-idp' },
  ],
  [
    'that maps claims to other roles only',
    { idp: '[idps.corp.roles_map]\nadmins = "writer"' },
    { jwt: 'role-not-of-idp', delegated: 'role-not-of-idp' },
  ],
  ['that may give these', { idp: 'allowed_roles = ["reader", "behalf", "writer"]' }, {}],
])('an idp %s', async (_, change, rules) => {
  const expected = Object.entries(rules).map(([name, rule]) => [name, `allowed denied ${rule}`]);
  expect(await told(iam(change))).toEqual(Object.fromEntries(expected));
});

test.each<[string, Iam, Record<string, string>]>([
  ['a role that trusts somebody else', { trusted: 'reader' }, { delegated: 'no-trusted-role' }],
  ['a delegate that is gone', { users: '' }, { delegated: 'unknown-user' }],
  [
    'a delegate with another role',
    { users: '[users.backend]\nrole = "reader"' },
    { delegated: 'no-trusted-role' },
  ],
  ['an action whose role may read no more', { acting: '[]' }, { looker: 'no-capability' }],
])('%s', async (_, change, rules) => {
  const expected = Object.entries(rules).map(([name, rule]) => [name, `allowed denied ${rule}`]);
  expect(await told(iam(change))).toEqual(Object.fromEntries(expected));
});
