import { addsAuditReader } from '../../src/policy/audit-grants.js';
import { parseIamConfig } from '../../src/policy/iam-config.js';

interface Changes {
  auditor?: string;
  users?: string;
  roles?: string;
  idpIss?: string;
  idpRoles?: string;
}

const config = ({
  auditor = '["CapAuditReader"]',
  users = '',
  roles = '',
  idpIss = 'a',
  idpRoles = '',
}: Changes = {}) =>
  parseIamConfig(`
[users.Ann]
role = "auditor"
[users.Off]
role = "auditor"
disabled = true
[users.Dan]
role = "dev"
${users}
[roles.auditor]
capabilities = ${auditor}
trusted_roles = ["gate"]
[roles.gate]
[roles.dev]
capabilities = ["*"]
${roles}
[policies]
[idps.sso]
type = "direct-jwt"
allowed_roles = ["auditor"]
conf = { iss = "${idpIss}", aud = "vault", jwks_uri = "https://id.example/jwks" }
[idps.apps]
type = "direct-jwt"
${idpRoles || 'allowed_roles = ["dev"]'}
conf = { iss = "apps", aud = "vault", jwks_uri = "https://id.example/jwks" }
`);

describe('addsAuditReader', () => {
  it.each<[string, Changes]>([
    ['nothing changed', {}],
    ['a user without the role was added', { users: '[users.Eve]\nrole = "dev"' }],
    [
      'a role with * was added: it does not hold CapAuditReader',
      { roles: '[roles.ops]\ncapabilities = ["*"]' },
    ],
    ['the capability was taken away', { auditor: '[]' }],
    ['an idp that cannot give the role was changed', { idpRoles: 'allowed_roles = ["dev", "dev"]' }],
  ])('is false where %s', (_what, changes) => {
    expect(addsAuditReader(config(), config(changes))).toBe(false);
  });

  it.each<[string, Changes]>([
    ['another role got the capability', { roles: '[roles.spy]\ncapabilities = ["CapAuditReader"]' }],
    ['a user got the role', { users: '[users.Eve]\nrole = "auditor"' }],
    ['a user got a role that the auditor trusts', { users: '[users.Eve]\nrole = "gate"' }],
    [
      'a new role with the capability trusts dev',
      { roles: '[roles.spy]\ncapabilities = ["CapAuditReader"]\ntrusted_roles = ["dev"]' },
    ],
    ['the issuer of the auditors changed', { idpIss: 'mallory' }],
    ['an idp may now give any role', { idpRoles: 'disabled = false' }],
    ['an idp may now give the role', { idpRoles: 'allowed_roles = ["dev", "auditor"]' }],
  ])('is true where %s', (_what, changes) => {
    expect(addsAuditReader(config(), config(changes))).toBe(true);
  });

  it('is true where a disabled auditor was enabled', () => {
    const text =
      '[users.Off]\nrole = "r"\ndisabled = X\n[roles.r]\ncapabilities = ["CapAuditReader"]\n[policies]';
    const [off, on] = ['true', 'false'].map((value) => parseIamConfig(text.replace('X', value)));
    expect(off && on && addsAuditReader(off, on)).toBe(true);
    expect(off && on && addsAuditReader(on, off)).toBe(true); // any change to an auditor is the Admin's
  });
});
