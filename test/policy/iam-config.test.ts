import fc from 'fast-check';
import { stringify } from 'smol-toml';
import { VaultError } from '../../src/errors.js';
import { formatIamConfig, parseIamConfig } from '../../src/policy/iam-config.js';
import { rawIam } from './worlds.js';

const FULL = `
# Order of tables and members is free; comments are.
[policies]
  [policies.ReadMasked]
  operations = [ "read", 'detokenize' ]
  policy_type = "allow"
  reasons = ["AppFunctionality", "Other"]
  resources = ["users/properties/ssn.mask", "*/types/email", "*/tokens", "actions/x", "users/ssn"]

  [policies.DenyAll]
  policy_type = "deny"
  operations = ["*"]
  reasons = ["*"]
  resources = ["*"]

[users.Webapp]
role = "support"
disabled = false
[users.Gone]
role = "zeta"
disabled = true

[roles.zeta]
capabilities = ["*"]
policies = ["*"]
[roles.support]
capabilities = ["CapDataReader", "CapOjectsReader", "CapAuditReader"]
policies = ["ReadMasked", "DenyAll"]
trusted_roles = ["zeta"]
masks = { "users/ssn" = "mask", "users/_tenant_id" = "mask" }

[idps.corp]
type = "direct-jwt"
allowed_roles = ["support"]
[idps.corp.conf]
iss = "https://id.example"
aud = ["vault", "other"]
jwks_uri = "https://id.example/jwks"
roles_claim = "roles"
namespace_top_claim = "https://x.example"
extra_claims = { "https://app.piiano.io/prop/_tenant_id" = "t1" }
[idps.corp.conf.bound_claims]
hd = "example.com"
level = 3
[idps.corp.roles_map]
"Support Team" = "support"

[idps.local]
type = "direct-jwt"
disabled = true
conf = { iss = "me", aud = "vault" , keys = [{ kty = "OKP", crv = "Ed25519", x = "abc" }] }

[idps.people]
type = "subject-jwt"
conf = { iss = "they", aud = "vault", jwks_uri = "https://they.example" }
`;

const EMPTY = '[users]\n[roles]\n[policies]\n';

function refusal(text: string): { path?: string; reason?: string } {
  try {
    parseIamConfig(text);
  } catch (error) {
    if (error instanceof VaultError && error.code === 'PV9011') return error.context;
    throw error;
  }
  throw new Error('It was accepted.');
}

describe('parseIamConfig', () => {
  it('reads everything a file can hold, in the order written', () => {
    const config = parseIamConfig(FULL);

    expect([...config.policies.keys()]).toEqual(['ReadMasked', 'DenyAll']);
    expect([...config.users]).toEqual([
      ['Webapp', { role: 'support', disabled: false }],
      ['Gone', { role: 'zeta', disabled: true }],
    ]);
    expect(config.roles.get('support')).toEqual({
      capabilities: ['CapDataReader', 'CapOjectsReader', 'CapAuditReader'],
      policies: ['ReadMasked', 'DenyAll'],
      trustedRoles: ['zeta'],
      masks: [
        { collection: 'users', property: 'ssn', transformation: 'mask' },
        { collection: 'users', property: '_tenant_id', transformation: 'mask' },
      ],
    });
    expect(config.idps.get('corp')).toMatchObject({
      allowedRoles: ['support'],
      rolesMap: new Map([['Support Team', 'support']]),
      conf: {
        aud: ['vault', 'other'],
        keySource: { jwksUri: 'https://id.example/jwks' },
        boundClaims: new Map<string, unknown>([
          ['hd', 'example.com'],
          ['level', 3],
        ]),
      },
    });
    expect(config.idps.get('local')).toMatchObject({
      disabled: true,
      allowedRoles: undefined,
      conf: { keySource: { keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'abc' }] } },
    });
  });

  it('reads a config with nobody in it', () => {
    expect(parseIamConfig(EMPTY).users.size).toBe(0);
  });

  const base =
    '[users]\n[roles.r]\n[policies.p]\npolicy_type="allow"\noperations=["read"]\nreasons=["*"]\nresources=["*"]\n';
  const role = (text: string): string => base.replace('[roles.r]', `[roles.r]\n${text}`);
  const policy = (key: string, value: string): string => base.replace(new RegExp(`${key}=.*`), value);
  const idp = (text: string, conf = 'iss="a"\naud="b"\njwks_uri="https://x.example"'): string =>
    `${base}[idps.i]\ntype="direct-jwt"\n${text}\n[idps.i.conf]\n${conf}\n`;
  const long = 'a'.repeat(451);

  it.each([
    ['a missing users table', '[roles]\n[policies]', 'users'],
    ['a missing roles table', '[users]\n[policies]', 'roles'],
    ['a missing policies table', '[users]\n[roles]', 'policies'],
    ['an empty text', '', 'users'],
    ['users that are no table', 'users = 1\n[roles]\n[policies]', 'users'],
    ['users that are a list', 'users = []\n[roles]\n[policies]', 'users'],
    ['users that are a list of tables', '[[users]]\n[roles]\n[policies]', 'users'],
    ['users that are a date', 'users = 2024-01-01\n[roles]\n[policies]', 'users'],
    ['an unknown table', `${EMPTY}[groups]`, 'iam'],
    [
      'a user that is no table',
      `${base}[users]`.replace('[users]\n', 'users.Bob = 1\n').replace(/\[users\]$/, ''),
      'users.Bob',
    ],
    ['a user without a role', `${base}[users.Bob]`, 'users.Bob.role'],
    ['a user with an undefined role', `${base}[users.Bob]\nrole="x"`, 'users.Bob.role'],
    ['a user with the Admin role', `${base}[users.Bob]\nrole="Admin"`, 'users.Bob.role'],
    ['a user with an inherited role', `${base}[users.Bob]\nrole="constructor"`, 'users.Bob.role'],
    ['a user disabled by a word', `${base}[users.Bob]\nrole="r"\ndisabled="yes"`, 'users.Bob.disabled'],
    ['a key a user does not have', `${base}[users.Bob]\nrole="r"\nrolle="r"`, 'users.Bob'],
    ['an Admin user', `${base}[users.Admin]\nrole="r"`, 'users.Admin'],
    ['an admin user', `${base}[users.admin]\nrole="r"`, 'users.admin'],
    ['an Admin role', `${base}[roles.Admin]`, 'roles.Admin'],
    [
      'two users that differ only by case',
      `${base}[users.Bob]\nrole="r"\n[users.bOB]\nrole="r"`,
      'users.bOB',
    ],
    ['two policies that differ only by case', `${base}[policies.P]`, 'policies.P'],
    ['a name beginning with a digit', `${base}[roles.1st]`, 'roles'],
    ['a name with a space', `${base}[roles."a b"]`, 'roles'],
    ['a name with a letter outside ASCII', `${base}[roles."é"]`, 'roles'],
    ['an empty name', `${base}[roles.""]`, 'roles'],
    ['a name that is too long', `${base}[roles.${long}]`, 'roles'],
    ['a name with a line end', `${base}[roles."a\\n"]`, 'roles'],
    ['the prototype as a name', `${base}[roles.__proto__]`, 'roles'],
    ['an unknown capability', role('capabilities=["CapIAMReader","CapNone"]'), 'roles.r.capabilities[1]'],
    ['CapSystem', role('capabilities=["CapSystem"]'), 'roles.r.capabilities[0]'],
    ['a capability that is a number', role('capabilities=[1]'), 'roles.r.capabilities[0]'],
    ['capabilities that are no list', role('capabilities="*"'), 'roles.r.capabilities'],
    ['an undefined policy', role('policies=["p","q"]'), 'roles.r.policies[1]'],
    ['an undefined trusted role', role('trusted_roles=["r","x"]'), 'roles.r.trusted_roles[1]'],
    ['nobody trusted', role('trusted_roles=[]'), 'roles.r.trusted_roles'],
    ['everybody trusted', role('trusted_roles=["*"]'), 'roles.r.trusted_roles[0]'],
    ['a key a role does not have', role('mask={}'), 'roles.r'],
    ['masks that are a list', role('masks=["users/ssn"]'), 'roles.r.masks'],
    ['a mask with a star', role('masks={"users/*"="mask"}'), 'roles.r.masks'],
    ['a mask with one name', role('masks={"ssn"="mask"}'), 'roles.r.masks'],
    ['a mask with three names', role('masks={"users/properties/ssn"="mask"}'), 'roles.r.masks'],
    ['a mask on a transformation', role('masks={"users/ssn.mask"="mask"}'), 'roles.r.masks'],
    ['a mask that is a number', role('masks={"users/ssn"=1}'), 'roles.r.masks'],
    ['a mask that is a binding', role('masks={"users/ssn"="ssn.mask"}'), 'roles.r.masks'],
    ['a mask that is empty', role('masks={"users/ssn"=""}'), 'roles.r.masks'],
    ['a policy without a type', policy('policy_type', ''), 'policies.p.policy_type'],
    ['a policy of another type', policy('policy_type', 'policy_type="Allow"'), 'policies.p.policy_type'],
    ['no operations', policy('operations', 'operations=[]'), 'policies.p.operations'],
    ['missing operations', policy('operations', ''), 'policies.p.operations'],
    [
      'an unknown operation',
      policy('operations', 'operations=["read","constructor"]'),
      'policies.p.operations[1]',
    ],
    ['no reasons', policy('reasons', 'reasons=[]'), 'policies.p.reasons'],
    ['an unknown reason', policy('reasons', 'reasons=["Fun"]'), 'policies.p.reasons[0]'],
    ['no resources', policy('resources', 'resources=[]'), 'policies.p.resources'],
    ['missing resources', policy('resources', ''), 'policies.p.resources'],
    ['a malformed resource', policy('resources', 'resources=["*","users"]'), 'policies.p.resources[1]'],
    ['a key a policy does not have', policy('reasons', 'reasons=["*"]\nreason="x"'), 'policies.p'],
    ['an idp of another type', idp('').replace('direct-jwt', 'saml'), 'idps.i.type'],
    [
      'an idp whose tokens are nobody and that gives a role',
      idp('allowed_roles=["r"]').replace('direct', 'subject'),
      'idps.i.allowed_roles',
    ],
    ['an idp with an undefined role', idp('allowed_roles=["x"]'), 'idps.i.allowed_roles[0]'],
    ['an idp that may give the Admin role', idp('allowed_roles=["Admin"]'), 'idps.i.allowed_roles[0]'],
    ['an idp that may give no role', idp('allowed_roles=[]'), 'idps.i.allowed_roles'],
    ['an idp that maps to an undefined role', idp('roles_map={a="r",b="x"}'), 'idps.i.roles_map'],
    ['an idp that maps to a number', idp('roles_map={a=1}'), 'idps.i.roles_map'],
    ['an idp without conf', `${base}[idps.i]\ntype="direct-jwt"`, 'idps.i.conf'],
    ['an idp without an issuer', idp('', 'aud="b"\njwks_uri="https://x.example"'), 'idps.i.conf.iss'],
    ['an idp without an audience', idp('', 'iss="b"\njwks_uri="https://x.example"'), 'idps.i.conf.aud'],
    ['an idp with no audiences', idp('', 'iss="b"\naud=[]\njwks_uri="https://x.example"'), 'idps.i.conf.aud'],
    [
      'an idp with an empty audience',
      idp('', 'iss="b"\naud=["x",""]\njwks_uri="https://x.example"'),
      'idps.i.conf.aud[1]',
    ],
    ['an idp without keys', idp('', 'iss="a"\naud="b"'), 'idps.i.conf'],
    [
      'an idp with two sources of keys',
      idp('', 'iss="a"\naud="b"\njwks_uri="https://x.example"\nkeys=[]'),
      'idps.i.conf',
    ],
    [
      'an idp whose keys are in a file',
      idp('', 'iss="a"\naud="b"\njwks_uri="file:///etc/passwd"'),
      'idps.i.conf.jwks_uri',
    ],
    [
      'an idp whose keys are nowhere',
      idp('', 'iss="a"\naud="b"\njwks_uri="https://"'),
      'idps.i.conf.jwks_uri',
    ],
    ['a key conf does not have', idp('', 'iss="a"\naud="b"\nkeys="{}"\nissuer="x"'), 'idps.i.conf'],
    [
      'a claim bound to a date',
      idp('', 'iss="a"\naud="b"\nkeys="{}"\nbound_claims={d=2024-01-01}'),
      'idps.i.conf.bound_claims',
    ],
    [
      'a claim bound to infinity',
      idp('', 'iss="a"\naud="b"\nkeys="{}"\nbound_claims={d=inf}'),
      'idps.i.conf.bound_claims',
    ],
  ])('refuses %s and names the field', (_what, text, path) => {
    const { path: named, reason } = refusal(text);
    expect(named).toBe(path);
    expect(reason).toMatch(/^[A-Z].*\.$/);
  });

  it('repeats nothing of a file but well-formed names of entities', () => {
    const canary = 'jane@acme.example';
    const texts = [
      `${EMPTY}["${canary}"]`,
      `${base}[users."${canary}"]`,
      `${base}[users.Bob]\nrole="${canary}"`,
      `${base}[users.Bob]\nrole="r"\n"${canary}"=1`,
      role(`capabilities=["${canary}"]`),
      role(`policies=["${canary}"]`),
      role(`trusted_roles=["${canary}"]`),
      role(`"${canary}"=1`),
      role(`masks={"${canary}"="mask"}`),
      role(`masks={"users/ssn"="${canary}"}`),
      policy('policy_type', `policy_type="${canary}"`),
      policy('operations', `operations=["${canary}"]`),
      policy('reasons', `reasons=["${canary}"]`),
      policy('resources', `resources=["${canary}"]`),
      idp(`roles_map={"${canary}"="x"}`),
      idp(`"${canary}"=1`),
      idp('', `iss="a"\naud="b"\njwks_uri="${canary}"`),
      idp('', `iss="a"\naud="b"\nkeys="x"\nbound_claims={"${canary}"=nan}`),
      `${base}x = "${canary}`, // not TOML: the parser's own message quotes the line
      `${base}[users.Bob]\nrole="${canary}"\nrole="${canary}"`,
    ];
    for (const text of texts) {
      let error: unknown;
      try {
        parseIamConfig(text);
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toBeInstanceOf(VaultError);
      const { message, context, detail, cause, stack } = error as VaultError;
      expect(cause).toBeUndefined();
      expect(JSON.stringify([message, context, detail, stack])).not.toContain('acme');
    }
  });

  it('tells where the text stops being TOML', () => {
    expect(refusal('[users]\n[roles\n')).toEqual({
      path: 'line 2, column 7',
      reason: 'The text is not valid TOML.',
    });
  });

  it.each([
    ['nested lists', `x = ${'['.repeat(50_000)}`],
    ['nested tables', `x = ${'{a='.repeat(50_000)}`],
    ['a dotted key without end', `x${'.a'.repeat(100_000)} = 1`],
    ['a table without end', `[x${'.a'.repeat(100_000)}]`],
    ['an unfinished string', `x = "${'a'.repeat(250_000)}`],
    ['an unfinished long string', `x = """${'""\\"'.repeat(60_000)}`],
    ['only a comment', `#${'#'.repeat(250_000)}`],
    ['blank lines', '\n'.repeat(250_000)],
    ['a number without end', `x = ${'1_'.repeat(120_000)}`],
    ['NUL', '\u0000'],
    ['many unknown tables', Array.from({ length: 20_000 }, (_, i) => `[t${i}]`).join('\n')],
    [
      'many undefined roles',
      `${EMPTY}${Array.from({ length: 8_000 }, (_, i) => `[users.u${i}]\nrole="x"`).join('\n')}`,
    ],
    ['a list of 60,000 wrong resources', policy('resources', `resources=[${'"*",'.repeat(60_000)}"x"]`)],
    [
      'claims nested by dots',
      idp('', `iss="a"\naud="b"\nkeys="{}"\nbound_claims${'.a'.repeat(100_000)} = 1`),
    ],
    ['a polluting key', `__proto__.admin = true\n${EMPTY}`],
    ['a polluting mask', role('masks={"__proto__"="mask"}')],
    ['a polluting constructor', `constructor.prototype.admin = true\n${EMPTY}`],
  ])('refuses %s, without being slowed down and without harm', (_what, text) => {
    const started = performance.now();
    refusal(text);
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(({} as Record<string, unknown>).admin).toBeUndefined();
  });

  it('accepts names that objects inherit, as names like others', () => {
    const config = parseIamConfig(
      '[users.toString]\nrole="constructor"\n[roles.constructor]\npolicies=["hasOwnProperty"]\n' +
        '[policies.hasOwnProperty]\npolicy_type="deny"\noperations=["*"]\nreasons=["*"]\nresources=["*"]\n',
    );
    expect(config.users.get('toString')).toEqual({ role: 'constructor', disabled: false });
    expect(config.roles.get('constructor')?.policies).toEqual(['hasOwnProperty']);
    expect(formatIamConfig(parseIamConfig(formatIamConfig(config)))).toBe(formatIamConfig(config));
  });
});

describe('formatIamConfig', () => {
  it.each([
    ['everything', FULL],
    ['nobody', EMPTY],
    ['claims named like the prototype', FULL.replace('"Support Team"', '"__proto__"')],
    ['claims that are numbers', FULL.replace('"Support Team" =', '10 = "zeta"\n2 =')],
    ['strings that need escapes', FULL.replace('"Support Team"', '"\\u0001\\u007f \\" \\\\ \\n é 😀"')],
  ])('writes a text that reads as the same config and is written the same again: %s', (_what, text) => {
    const config = parseIamConfig(text);
    const written = formatIamConfig(config);
    expect(parseIamConfig(written)).toEqual(config);
    expect(formatIamConfig(parseIamConfig(written))).toBe(written);
  });

  it('does so for generated configs', () => {
    fc.assert(
      fc.property(rawIam, (iam) => {
        const config = parseIamConfig(stringify(iam));
        const written = formatIamConfig(config);
        expect(parseIamConfig(written)).toEqual(config);
        expect(formatIamConfig(parseIamConfig(written))).toBe(written);
        expect([...config.policies.keys()]).toEqual(Object.keys(iam.policies));
      }),
      { numRuns: 500 },
    );
  });

  it('keeps the tables in one order and the entities in the order given', () => {
    const written = formatIamConfig(parseIamConfig(FULL));
    const headers = [...written.matchAll(/^\[([a-z]+\.\w+)\]$/gm)].map(([, name]) => name);
    expect(headers).toEqual([
      'users.Webapp',
      'users.Gone',
      'roles.zeta',
      'roles.support',
      'policies.ReadMasked',
      'policies.DenyAll',
      'idps.corp',
      'idps.local',
      'idps.people',
    ]);
  });
});
