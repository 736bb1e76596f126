import { VaultError } from '../../src/errors.js';
import { checkIdpHooks } from '../../src/idp/check-hooks.js';
import { type IamConfig, formatIamConfig, parseIamConfig } from '../../src/policy/iam-config.js';

const EMPTY = parseIamConfig('[users]\n[roles]\n[policies]\n');

function iam(hook: string, capabilities = '["CapIdpHook"]'): string {
  return `[users]
hook = { role = "login" }
[roles.login]
capabilities = ${capabilities}
[policies]
[idp_hooks.shop]
${hook}`;
}
const LEAST = 'provider = "auth0"\nissuer = "acme"\nusers = ["hook"]\n';
const PROPERTIES = new Map([
  [
    'users',
    new Map([
      ['user_id', 'STRING'],
      ['ssn', 'SSN'],
      ['rest', 'JSON'],
    ]),
  ],
  ['user_orgs', new Map([['badge', 'STRING']])],
]);

function check(text: string, inForce: IamConfig = EMPTY): IamConfig {
  const config = parseIamConfig(text);
  checkIdpHooks(config, inForce, (name) => PROPERTIES.get(name));
  return config;
}

/** The field that is named, and no word of what was written. */
function refusedField(text: string): string {
  try {
    check(text);
  } catch (error) {
    if (!(error instanceof VaultError) || error.code !== 'PV9011') throw error;
    expect(JSON.stringify(error.context)).not.toContain('canary');
    return error.context.path!;
  }
  return 'accepted';
}

test('the least a hook needs, and what is taken for the rest', () => {
  expect(check(iam(LEAST)).idpHooks.get('shop')).toEqual({
    disabled: false,
    provider: 'auth0',
    issuer: 'acme',
    tenant: '',
    collection: 'users',
    users: ['hook'],
    idp: undefined,
    exchangeIdp: undefined,
    onFailure: 'unchanged',
    map: new Map(),
    keep: [],
    ignore: [],
    quarantine: undefined,
    conflict: new Map(),
    clients: undefined,
    claim: undefined,
    tokenSeconds: 86_460,
    adoptLinks: false,
    erasuresPerHour: 50,
  });
});

test('everything a hook can say comes back as it was written', () => {
  const text = iam(`${LEAST}disabled = true
tenant = "t"
collection = "users"
map = { "app_metadata.national_id" = "user_id" }
keep = ["user_metadata.ssn"]
ignore = ["app_metadata.theme"]
quarantine = "rest"
conflict = { "*" = "newest", ssn = "vault-wins" }
clients = { web = ["ssn"], none = [] }
claim = "https://shop.example/pii_token"
token_seconds = 60
adopt_links = true
erasures_per_hour = 3
[idp_hooks.shop.organizations]
collection = "user_orgs"
map = { "app_metadata.badge" = "badge" }
clients = { web = ["badge"] }
claim = "https://shop.example/pii_org_token"
[idp_hooks.shop.profile]
required = ["user_id", "ssn"]
claim = "https://shop.example/profile_complete"`);
  const config = check(text);
  expect(parseIamConfig(formatIamConfig(config))).toEqual(config);
});

test.each([
  ['provider', 'provider = "canary"\nissuer = "acme"\nusers = ["hook"]', 'idp_hooks.shop.provider'],
  ['a missing issuer', 'provider = "auth0"\nusers = ["hook"]', 'idp_hooks.shop.issuer'],
  ['missing users', 'provider = "auth0"\nissuer = "acme"', 'idp_hooks.shop.users'],
  ['no users', 'provider = "auth0"\nissuer = "acme"\nusers = []', 'idp_hooks.shop.users'],
  ['an unknown user', 'provider = "auth0"\nissuer = "acme"\nusers = ["canary"]', 'idp_hooks.shop.users[0]'],
  ['an unknown key', `${LEAST}canary = 1`, 'idp_hooks.shop'],
  ['an unknown collection', `${LEAST}collection = "canary"`, 'idp_hooks.shop.collection'],
  ['an unknown property', `${LEAST}map = { "app_metadata.x" = "canary" }`, 'idp_hooks.shop.map'],
  ['a source of another form', `${LEAST}map = { "canary" = "ssn" }`, 'idp_hooks.shop.map'],
  [
    'user_id, which Auth0 forbids',
    `${LEAST}map = { "app_metadata.user_id" = "user_id" }`,
    'idp_hooks.shop.map',
  ],
  ['email in metadata', `${LEAST}map = { "user_metadata.email" = "ssn" }`, 'idp_hooks.shop.map'],
  ['the link itself', `${LEAST}map = { "app_metadata.pii_object_id" = "ssn" }`, 'idp_hooks.shop.map'],
  ['a nested place', `${LEAST}map = { "app_metadata.a.b" = "ssn" }`, 'idp_hooks.shop.map'],
  ['a credential', `${LEAST}map = { "app_metadata.password" = "ssn" }`, 'idp_hooks.shop.map'],
  ['a place to keep that is none', `${LEAST}keep = ["canary"]`, 'idp_hooks.shop.keep'],
  ['a quarantine that is none', `${LEAST}quarantine = "canary"`, 'idp_hooks.shop.quarantine'],
  ['a quarantine that takes one text', `${LEAST}quarantine = "user_id"`, 'idp_hooks.shop.quarantine'],
  [
    'a quarantine that something is mapped to',
    `${LEAST}quarantine = "rest"\nmap = { "app_metadata.x" = "rest" }`,
    'idp_hooks.shop.map',
  ],
  ['a rule that is none', `${LEAST}conflict = { ssn = "canary" }`, 'idp_hooks.shop.conflict'],
  ['a rule for no property', `${LEAST}conflict = { canary = "newest" }`, 'idp_hooks.shop.conflict'],
  ['a list for no property', `${LEAST}clients = { web = ["canary"] }`, 'idp_hooks.shop.clients'],
  ['a list that is none', `${LEAST}clients = { web = "ssn" }`, 'idp_hooks.shop.clients'],
  ['a claim without a namespace', `${LEAST}claim = "pii_token"`, 'idp_hooks.shop.claim'],
  ["a claim in Auth0's domain", `${LEAST}claim = "https://x.auth0.com/pii"`, 'idp_hooks.shop.claim'],
  ['an idp that is none', `${LEAST}idp = "canary"`, 'idp_hooks.shop.idp'],
  ['an idp for tokens that is none', `${LEAST}exchange_idp = "canary"`, 'idp_hooks.shop.exchange_idp'],
  ['a failure that is none', `${LEAST}on_failure = "canary"`, 'idp_hooks.shop.on_failure'],
  ['a failure that cannot be denied', `${LEAST}on_failure = "deny"`, 'idp_hooks.shop.on_failure'],
  [
    'passwords that nobody asks about',
    `${LEAST}check_passwords_at = "https://a.example"`,
    'idp_hooks.shop.check_passwords_at',
  ],
  ['no time at all', `${LEAST}token_seconds = 0`, 'idp_hooks.shop.token_seconds'],
  ['half a second', `${LEAST}token_seconds = 0.5`, 'idp_hooks.shop.token_seconds'],
  ['for ever', `${LEAST}token_seconds = 999999999`, 'idp_hooks.shop.token_seconds'],
])('refused, naming the field: %s', (_, hook, field) => {
  expect(refusedField(iam(hook))).toBe(field);
});

test('passwords are sent by https, or to this machine', () => {
  const okta = LEAST.replace('auth0', 'okta');
  const at = (url: string): string => refusedField(iam(`${okta}check_passwords_at = "${url}"`));
  for (const url of ['https://legacy.example/verify', 'http://127.0.0.1:8080/verify', 'http://[::1]'])
    expect(at(url)).toBe('accepted');
  for (const url of [
    'http://legacy.example/verify',
    'http://127.0.0.1.example/verify',
    'http://127.0.0.1@legacy.example',
    'https://a:b@legacy.example',
    'https://legacy.example/?key=canary',
    'legacy.example',
    'file:///etc/passwd',
  ])
    expect(at(url)).toBe('idp_hooks.shop.check_passwords_at');
  const text = iam(`${okta}check_passwords_at = "https://legacy.example/verify"`);
  expect(parseIamConfig(formatIamConfig(check(text)))).toEqual(check(text));
});

test.each([
  ['cognito', 'userAttributes.custom:ssn', 'userAttributes.birthdate', 'pii_token'],
  ['frontegg', 'metadata.ssn', 'user.phoneNumber', 'https://shop.example/pii_token'],
  ['logto', 'customData.ssn', 'profile.birthdate', 'pii_token'],
  ['oidc', 'claims.ssn', 'claims.birthdate', 'https://shop.example/pii_token'],
  ['okta', 'profile.ssn', 'profile.birthdate', 'https://shop.example/pii_token'],
  ['ory', 'traits.tax.id', 'id_token.birthdate', 'pii_token'],
])('%s: its own sources and a claim of yours are taken', (provider, ssn, birthdate, claim) => {
  const hook = LEAST.replace('auth0', provider);
  const lines = `map = { "${ssn}" = "ssn" }\nkeep = ["${birthdate}"]\nclaim = "${claim}"`;
  expect(refusedField(iam(`${hook}${lines}`))).toBe('accepted');
});

test.each([
  ['cognito', 'userAttributes.custom:pii_object_id', 'sub'],
  ['cognito', 'userAttributes.custom:password', 'cognito:groups'],
  ['cognito', 'app_metadata.ssn', 'token_use'],
  ['frontegg', 'metadata.pii_object_id', 'pii token'],
  ['frontegg', 'metadata.password', ''],
  ['frontegg', 'user.roles', 'pii(token)'],
  ['logto', 'customData.pii_object_id', 'scope'],
  ['logto', 'customData.access_token', 'aud'],
  ['logto', 'profile.ssn', 'iss'],
  ['logto', 'identities.google', 'exp'],
  ['oidc', 'claims.sub', 'jti'],
  ['okta', 'profile.pii_object_id', 'groups'],
  ['ory', 'metadata_admin.pii_object_id', 'sub'],
  ['ory', 'traits.credentials.password', 'ext'],
  ['ory', 'access_token.scp', 'client_id'],
])('%s: neither %s as a source nor %s as a claim', (provider, source, claim) => {
  const hook = LEAST.replace('auth0', provider);
  expect(refusedField(iam(`${hook}map = { "${source}" = "ssn" }`))).toBe('idp_hooks.shop.map');
  expect(refusedField(iam(`${hook}claim = "${claim}"`))).toBe('idp_hooks.shop.claim');
});

test.each(['["CapIdpHook", "CapDataReader"]', '["*"]', '[]', '["CapObjectsCreator"]'])(
  'a key that sits in a sandbox is good for nothing else: a role with %s is refused',
  (capabilities) => {
    expect(refusedField(iam(LEAST, capabilities))).toBe('idp_hooks.shop.users[0]');
  },
);

test('two hooks that one key could not tell apart are refused', () => {
  expect(refusedField(`${iam(LEAST)}\n[idp_hooks.other]\n${LEAST}`)).toBe('idp_hooks.other.users');
});

test('a hook that is in force stays, even when its property is gone', () => {
  const text = iam(`${LEAST}map = { "app_metadata.x" = "gone" }`);
  expect(() => check(text)).toThrow(VaultError);
  expect(check(text, parseIamConfig(text)).idpHooks.size).toBe(1);
});

const MEMBERS = 'collection = "user_orgs"\n';
const BADGE = 'map = { "app_metadata.badge" = "badge" }\n';

test.each<[string, string, string, string, string?]>([
  ['no collection', '', '', 'organizations.collection'],
  ['an unknown key', '', `${MEMBERS}canary = 1`, 'organizations'],
  ['an unknown collection', '', 'collection = "canary"', 'organizations.collection'],
  ["the users' own collection", '', 'collection = "users"', 'organizations.collection'],
  ['an unknown property', '', `${MEMBERS}map = { "app_metadata.x" = "canary" }`, 'organizations.map'],
  ["a property of the users'", '', `${MEMBERS}map = { "app_metadata.x" = "ssn" }`, 'organizations.map'],
  ['a source of another form', '', `${MEMBERS}map = { "canary" = "badge" }`, 'organizations.map'],
  ['a credential', '', `${MEMBERS}map = { "app_metadata.secret" = "badge" }`, 'organizations.map'],
  [
    'a source of both maps',
    'map = { "app_metadata.badge" = "ssn" }',
    `${MEMBERS}${BADGE}`,
    'organizations.map',
  ],
  ['a source that is ignored', 'ignore = ["app_metadata.badge"]', `${MEMBERS}${BADGE}`, 'organizations.map'],
  [
    'a list for no property',
    'clients = {}',
    `${MEMBERS}clients = { web = ["canary"] }`,
    'organizations.clients',
  ],
  ['lists only of the user', 'clients = {}', MEMBERS, 'organizations.clients'],
  ['lists only of organizations', '', `${MEMBERS}clients = {}`, 'organizations.clients'],
  ['a claim without a namespace', '', `${MEMBERS}claim = "pii_org_token"`, 'organizations.claim'],
  [
    'one claim for both tokens',
    'claim = "https://shop.example/t"',
    `${MEMBERS}claim = "https://shop.example/t"`,
    'organizations.claim',
  ],
  ['a claim where events name it', '', `${MEMBERS}id_claim = "org"`, 'organizations.id_claim'],
  ['a claim of the protocol', '', `${MEMBERS}id_claim = "sub"`, 'organizations.id_claim', 'oidc'],
  [
    'a claim that is a source',
    'map = { "claims.org" = "ssn" }',
    `${MEMBERS}id_claim = "org"`,
    'organizations.id_claim',
    'oidc',
  ],
  ['a provider without organizations', '', MEMBERS, 'organizations', 'cognito'],
])('organizations are refused, naming the field: %s', (_, hook, organizations, field, provider = 'auth0') => {
  const text = `${LEAST.replace('auth0', provider)}${hook}\n[idp_hooks.shop.organizations]\n${organizations}`;
  expect(refusedField(iam(text))).toBe(`idp_hooks.shop.${field}`);
});

test.each([
  ['auth0', BADGE],
  ['entra', 'map = { "user.employeeId" = "badge" }'],
  ['frontegg', 'map = { "metadata.badge" = "badge" }'],
  ['keycloak', 'map = { "attributes.badge" = "badge" }'],
  ['logto', 'map = { "customData.badge" = "badge" }'],
  ['oidc', 'id_claim = "org_id"\nmap = { "claims.badge" = "badge" }'],
])('%s names organizations', (provider, map) => {
  const hook = LEAST.replace('auth0', provider);
  expect(refusedField(iam(`${hook}[idp_hooks.shop.organizations]\n${MEMBERS}${map}`))).toBe('accepted');
});

const COMPLETE = 'claim = "https://shop.example/profile_complete"\n';
const BOTH = 'required = ["user_id", "ssn"]\n';

test.each<[string, string, string, string, string?]>([
  ['an unknown key', '', `${COMPLETE}${BOTH}canary = 1`, ''],
  ['a missing list', '', COMPLETE, '.required'],
  ['an empty list', '', `${COMPLETE}required = []`, '.required'],
  ['a list that is none', '', `${COMPLETE}required = "ssn"`, '.required'],
  ['a property that is none', '', `${COMPLETE}required = ["ssn", 7]`, '.required[1]'],
  ['a property without a name', '', `${COMPLETE}required = [""]`, '.required[0]'],
  ['an unknown property', '', `${COMPLETE}required = ["ssn", "canary"]`, '.required[1]'],
  ["a property of the organizations'", '', `${COMPLETE}required = ["badge"]`, '.required[0]'],
  ['the quarantine', 'quarantine = "rest"', `${COMPLETE}required = ["rest"]`, '.required[0]'],
  ['a missing claim', '', BOTH, '.claim'],
  ['a claim that is none', '', `${BOTH}claim = true`, '.claim'],
  ['a claim without a namespace', '', `${BOTH}claim = "canary"`, '.claim'],
  ['a claim of the protocol', '', `${BOTH}claim = "sub"`, '.claim', 'oidc'],
  ["the token's claim", COMPLETE, `${BOTH}${COMPLETE}`, '.claim'],
  ['the claim of a token that nobody names', '', `${BOTH}claim = "pii_token"`, '.claim', 'okta'],
  ['the claim of the object id', '', `${BOTH}claim = "pii_object_id"`, '.claim', 'okta'],
  ['the name of a property', '', `${BOTH}claim = "ssn"`, '.claim', 'ory'],
  ['a claim about the person', '', `${BOTH}claim = "email_verified"`, '.claim', 'keycloak'],
  [
    'a claim that is stored',
    'map = { "access_token.nid" = "user_id" }',
    `${BOTH}claim = "nid"`,
    '.claim',
    'ory',
  ],
  ['a claim that is stored', 'map = { "claims.nid" = "user_id" }', `${BOTH}claim = "nid"`, '.claim', 'oidc'],
])('a profile is refused, naming the field: %s', (_, hook, profile, field, provider = 'auth0') => {
  const text = `${LEAST.replace('auth0', provider)}${hook}\n[idp_hooks.shop.profile]\n${profile}`;
  expect(refusedField(iam(text))).toBe(`idp_hooks.shop.profile${field}`);
});

test.each([
  ['token of what the user is there', 'auth0', `${MEMBERS}${COMPLETE}`, COMPLETE],
  ['id', 'oidc', `${MEMBERS}id_claim = "org"\n`, 'claim = "org"'],
  ['attribute that is stored', 'oidc', `${MEMBERS}map = { "claims.badge" = "badge" }\n`, 'claim = "badge"'],
])("a profile's claim is none of an organization's: %s", (_, provider, members, claim) => {
  const tables = `[idp_hooks.shop.organizations]\n${members}[idp_hooks.shop.profile]\n${BOTH}${claim}`;
  expect(refusedField(iam(`${LEAST.replace('auth0', provider)}${tables}`))).toBe(
    'idp_hooks.shop.profile.claim',
  );
});

test.each([
  ['auth0', 'https://shop.example/profile_complete'],
  ['cognito', 'profile_complete'],
  ['entra', 'profileComplete'],
  ['frontegg', 'profile_complete'],
  ['keycloak', 'profile_complete'],
  ['logto', 'profile_complete'],
  ['oidc', 'https://shop.example/profile_complete'],
  ['okta', 'profile_complete'],
  ['ory', 'profile_complete'],
])('%s: a profile of what the collection has, under a claim of yours, is taken', (provider, claim) => {
  const table = `[idp_hooks.shop.profile]\n${BOTH}claim = "${claim}"`;
  expect(refusedField(iam(`${LEAST.replace('auth0', provider)}${table}`))).toBe('accepted');
});
