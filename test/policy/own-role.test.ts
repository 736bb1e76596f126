import { parseIamConfig } from '../../src/policy/iam-config.js';
import { type Self, raisesOwnRole } from '../../src/policy/own-role.js';

interface Changes {
  capabilities?: string;
  policies?: string;
  masks?: string;
  trusted?: string;
  userRole?: string;
  users?: string;
  roles?: string;
  operations?: string;
  reasons?: string;
  resources?: string;
  denied?: string;
  more?: string;
  idp?: string;
}
const config = ({
  capabilities = '["CapIAMWriter", "CapDataReader"]',
  policies = '["some", "not"]',
  masks = '{ "users/ssn" = "mask" }',
  trusted = '',
  userRole = 'writer',
  users = '',
  roles = '',
  operations = '["read"]',
  reasons = '["Analytics", "Marketing"]',
  resources = '["users/properties/*", "users/tokens"]',
  denied = '["*"]',
  more = '',
  idp = '',
}: Changes = {}) =>
  parseIamConfig(`
[users.Wim]
role = "${userRole}"
${users}
[roles.writer]
capabilities = ${capabilities}
policies = ${policies}
masks = ${masks}
${trusted}
[roles.other]
capabilities = ["*"]
policies = ["*"]
[roles.less]
capabilities = ["CapIAMWriter"]
policies = ["not"]
masks = { "users/ssn" = "mask" }
${roles}
[policies.some]
policy_type = "allow"
operations = ${operations}
reasons = ${reasons}
resources = ${resources}
[policies.not]
policy_type = "deny"
operations = ${denied}
reasons = ["*"]
resources = ["users/properties/ssn"]
${more}
[idps.corp]
type = "direct-jwt"
${idp}
conf = { iss = "corp", aud = "vault", jwks_uri = "https://id.example/jwks" }
`);
const WIM: Self = { role: 'writer', user: 'Wim', idps: [] };
const JWT: Self = { role: 'writer', user: undefined, idps: ['corp'] };
const ALL = `[policies.all]\npolicy_type = "allow"\noperations = ["*"]\nreasons = ["*"]\nresources = ["*"]`;

describe('raisesOwnRole is false where', () => {
  test.each<[string, Changes]>([
    ['nothing changed', {}],
    ['a capability was taken away', { capabilities: '["CapIAMWriter"]' }],
    [
      'a broad capability was replaced by one within it',
      { capabilities: '["CapIAMWriter", "CapObjectsReader"]' },
    ],
    ['a policy was taken away', { policies: '["not"]' }],
    ['a policy allows less', { reasons: '["Analytics"]', resources: '["users/tokens"]' }],
    ['a mask was added', { masks: '{ "users/ssn" = "mask", "users/name" = "mask" }' }],
    ['another role got everything', { roles: '[roles.new]\ncapabilities = ["*"]\npolicies = ["*"]' }],
    ['a user was added with another role', { users: '[users.Eve]\nrole = "other"' }],
    ['a policy was added that the role does not have', { more: ALL }],
    ['the caller’s user moved to a role that may less', { userRole: 'less' }],
  ])('%s', (_what, changes) => {
    expect(raisesOwnRole(config(), config(changes), WIM)).toBe(false);
  });

  test('the idp of a JWT was disabled, or another’s changed', () => {
    expect(raisesOwnRole(config(), config({ idp: 'disabled = true' }), JWT)).toBe(false);
    expect(raisesOwnRole(config(), config({ idp: 'allowed_roles = ["other"]' }), WIM)).toBe(false);
  });
});

describe('raisesOwnRole is true where', () => {
  test.each<[string, Changes]>([
    ['a capability was added', { capabilities: '["CapIAMWriter", "CapDataReader", "CapDataSearcher"]' }],
    ['all capabilities were added', { capabilities: '["*"]' }],
    ['a policy was added to the role', { policies: '["some", "not", "all"]', more: ALL }],
    ['all policies were added to the role', { policies: '["*"]', more: ALL }],
    ['a denying policy was taken from the role', { policies: '["some"]' }],
    ['a denying policy denies less', { denied: '["read"]' }],
    ['a policy of the role allows another operation', { operations: '["read", "search"]' }],
    ['a policy of the role allows every reason', { reasons: '["*"]' }],
    [
      'a policy of the role allows another resource',
      { resources: '["users/properties/*", "users/tokens", "cards/tokens"]' },
    ],
    ['a mask was taken away', { masks: '{}' }],
    ['a mask shows through another transformation', { masks: '{ "users/ssn" = "hash" }' }],
    ['the caller’s user moved to a role that may more', { userRole: 'other' }],
  ])('%s', (_what, changes) => {
    expect(raisesOwnRole(config(), config(changes), WIM)).toBe(true);
  });

  test('a role that has every policy would get a new one', () => {
    const [before, after] = ['', ALL].map((more) => config({ policies: '["*"]', more }));
    expect(raisesOwnRole(before!, after!, WIM)).toBe(true);
  });

  test('the idp of a JWT was changed', () => {
    expect(raisesOwnRole(config(), config({ idp: 'allowed_roles = ["other"]' }), JWT)).toBe(true);
  });

  test('the role was not there before', () => {
    const [none, some] = ['', '[roles.ghost]\ncapabilities = []'].map((roles) => config({ roles }));
    expect(raisesOwnRole(none!, some!, { role: 'ghost', user: undefined, idps: [] })).toBe(true);
  });
});
