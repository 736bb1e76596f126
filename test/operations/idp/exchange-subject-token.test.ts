import { VaultError } from '../../../src/errors.js';
import { oauthError } from '../../../src/operations/idp/oauth-error.js';
import { keyOf, setIam } from '../../support/iam.js';
import { type KeyServer, claimsOf, ecKey, rsaKey, signed, startKeyServer } from '../../support/jwt.js';
import { addCollection, refused, sql } from '../../support/steps.js';
import { type Answer, type TestVault, startVault } from '../../support/vault.js';
import { behind, entriesOf, objectsNow } from './support.js';

const PATH = '/api/coatcheck/1.0/idp/oidc/token-exchange';
const GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const PII_TOKEN = 'urn:coatcheck:token-type:pii-token';
const ISSUER = 'https://adfs.example.com';
const rsa = rsaKey('k1');

let vault: TestVault;
let server: KeyServer;
let backend: string;
let hook: string;
let poor: string;

const iam = (): string => `[users]
backend = { role = "exchange" }
poor = { role = "poor" }
hook = { role = "login" }
[roles.exchange]
capabilities = ["CapIdpExchange"]
policies = ["store"]
[roles.poor]
capabilities = ["CapIdpExchange"]
policies = []
[roles.login]
capabilities = ["CapIdpHook"]
policies = ["store"]
[policies.store]
policy_type = "allow"
operations = ["write", "tokenize"]
reasons = ["*"]
resources = ["users/properties/*"]
[idps.adfs]
type = "subject-jwt"
[idps.adfs.conf]
iss = "${ISSUER}"
aud = ["api", "spa"]
jwks_uri = "${server.uri}"
[idp_hooks.adfs]
provider = "oidc"
issuer = "${ISSUER}"
users = ["backend", "hook", "poor"]
exchange_idp = "adfs"
token_seconds = 600
map = { "claims.tax_number" = "national_id" }
clients = { web = ["ssn", "given_name"], spa = ["given_name"] }
[idp_hooks.nowhere]
provider = "oidc"
issuer = "https://other.example.com"
users = ["backend"]
collection = "gone"
[idp_hooks.okta]
provider = "okta"
issuer = "https://acme.okta.com"
users = ["backend", "hook"]
exchange_idp = "adfs"
[idp_hooks.entra]
provider = "entra"
issuer = "a-tenant"
users = ["backend"]
exchange_idp = "adfs"
`;

beforeAll(async () => {
  server = await startKeyServer(rsa, ecKey('k2'));
  vault = await startVault();
  await addCollection(
    vault,
    'users PERSONS ( given_name NAME NULL, ssn SSN NULL, email EMAIL NULL, national_id STRING UNIQUE NULL )',
  );
  await addCollection(vault, 'gone PERSONS ( ssn SSN NULL )');
  await setIam(vault, iam());
  [backend, hook, poor] = await Promise.all([
    keyOf(vault, 'backend'),
    keyOf(vault, 'hook'),
    keyOf(vault, 'poor'),
  ]);
});
afterAll(async () => {
  await vault.close();
  await server.close();
});

const tokenOf = (sub: string, more: object = {}, key = rsa): string =>
  signed(key, claimsOf(sub, { iss: ISSUER, aud: 'api', client_id: 'web', ...more }));
const request = (token: string, more: object = {}): Record<string, unknown> => {
  return { grant_type: GRANT, subject_token: token, subject_token_type: ACCESS_TOKEN, ...more };
};
const exchange = (token: string, more: object = {}, key = backend, path = PATH): Promise<Answer> =>
  vault.send('POST', path, { json: request(token, more), key });
const lastEntry = async (): Promise<Record<string, unknown>> =>
  (await entriesOf(vault, 'exchangeSubjectToken')).at(-1)!;

describe('200', () => {
  test('a token that the provider signed is exchanged for one of the vault, for what its client may have', async () => {
    const answer = await exchange(
      tokenOf('ada', { given_name: 'Ada', ssn: '123-12-1234', email: 'ada@example.com' }),
    );
    expect([answer.status, answer.body]).toEqual([
      200,
      {
        access_token: expect.any(String),
        issued_token_type: PII_TOKEN,
        token_type: 'N_A',
        expires_in: expect.any(Number),
      },
    ]);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await behind(vault, answer.body.access_token)).toEqual({ ssn: '123-12-1234', given_name: 'Ada' });
    expect(await lastEntry()).toMatchObject({
      user: 'backend',
      outcome: 'allowed',
      rule: 'allow:store',
      tokens: [expect.any(String)],
    });
    expect(JSON.stringify(await lastEntry()) + vault.logged()).not.toContain('123-12-1234');
  });

  test('one for an organization is exchanged for a token of what the user is there, too', async () => {
    await addCollection(vault, 'user_orgs DATA ( badge STRING NULL )');
    const table = `[idp_hooks.adfs.organizations]
collection = "user_orgs"
id_claim = "org"
map = { "claims.badge" = "badge" }
clients = { web = ["badge"] }
`;
    const both = iam().replace('"users/properties/*"', '"users/properties/*", "user_orgs/properties/*"');
    await setIam(vault, both + table);
    const { body } = await exchange(tokenOf('orla', { given_name: 'Orla', org: 'acme', badge: 'O-1' }));
    expect(await behind(vault, body.access_token)).toEqual({ given_name: 'Orla' });
    const tokens = `/data/collections/user_orgs/tokens?token_ids=${body.organization_token}`;
    expect((await vault.send('GET', tokens)).body[0].fields).toEqual({ badge: 'O-1' });
    expect((await exchange(tokenOf('orla'))).body).not.toHaveProperty('organization_token');
    await setIam(vault, iam());
  });

  test('as a form, too, and with an ID token, whose only audience is the client', async () => {
    const raw = new URLSearchParams({
      ...(request(tokenOf('ada', { aud: 'spa', client_id: undefined })) as Record<string, string>),
      subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
      requested_token_type: PII_TOKEN,
      scope: '',
      unknown: 'ignored',
    }).toString();
    const type = 'application/x-www-form-urlencoded';
    const answer = await vault.send('POST', PATH, { raw, type, key: backend });
    expect(await behind(vault, answer.body.access_token)).toEqual({ given_name: 'Ada' });
  });

  test('the object is the one of every other login, and what a token says replaces nothing', async () => {
    const claims = { given_name: 'Grace', ssn: '123-12-9999' };
    const login = await vault.send('POST', '/api/coatcheck/1.0/idp/oidc/login', {
      json: { iss: ISSUER, sub: 'grace', client_id: 'web', claims },
      key: hook,
    });
    const before = await objectsNow(vault);
    const { body } = await exchange(tokenOf('grace', { given_name: 'Older', email: 'grace@example.com' }));
    expect(await behind(vault, body.access_token)).toEqual(await behind(vault, login.body.token));
    expect(await objectsNow(vault)).toBe(before);
  });

  test('it lives as long as the token it is had for, and no longer than the hook says', async () => {
    const exp = Math.floor(Date.now() / 1000) + 60;
    expect((await exchange(tokenOf('ada', { exp }))).body.expires_in).toBeLessThanOrEqual(60);
    expect((await exchange(tokenOf('ada', { exp: exp + 3_000 }))).body.expires_in).toBe(600);
  });

  test('each provider names users its own way', async () => {
    const event = {
      eventType: 'com.okta.user.pre-registration',
      requestType: 'self.service.registration',
      ...{ eventId: 'e1', eventTime: new Date().toISOString(), source: 'reg1' },
      data: { userProfile: { ssn: '123-12-1234' } },
    };
    expect(
      (await vault.send('POST', '/api/coatcheck/1.0/idp/okta/registration', { json: event, key: hook }))
        .status,
    ).toBe(200);
    const okta = PATH.replace('oidc', 'okta');
    // Nobody has that id: who has registered is known by no token yet.
    expect(refused(await exchange(tokenOf('ada@example.com', { uid: '00u1' }), {}, backend, okta))).toBe(
      '400 PV9102',
    );
    const entra = PATH.replace('oidc', 'entra');
    expect(refused(await exchange(tokenOf('pairwise', { oid: 'o', tid: 'other' }), {}, backend, entra))).toBe(
      '403 PV9088',
    );
    expect(refused(await exchange(tokenOf('pairwise'), {}, backend, entra))).toBe('400 PV9087');
  });
});

describe('what is refused, in the words of OAuth and in ours', () => {
  const good = (): string => tokenOf('ada');
  test.each<[string, () => Promise<Answer>, string, string]>([
    ['a wrong key', () => exchange(good(), {}, 'wrong'), '401 PV1005', 'invalid_client'],
    ['a key that reports logins', () => exchange(good(), {}, hook), '403 PV1007', 'unauthorized_client'],
    [
      'a key that may tokenize nothing',
      () => exchange(good(), {}, poor),
      '403 PV1006',
      'unauthorized_client',
    ],
    [
      'a signature of somebody else',
      () => exchange(tokenOf('ada', {}, rsaKey('k1'))),
      '400 PV9103',
      'invalid_request',
    ],
    [
      'a key that is not in the set',
      () => exchange(tokenOf('ada', {}, rsaKey('k9'))),
      '400 PV9103',
      'invalid_request',
    ],
    ['one that has expired', () => exchange(tokenOf('ada', { exp: 1_000 })), '400 PV9103', 'invalid_request'],
    [
      'one without an end',
      () => exchange(tokenOf('ada', { exp: undefined })),
      '400 PV9103',
      'invalid_request',
    ],
    [
      'another issuer',
      () => exchange(tokenOf('ada', { iss: 'https://evil.example' })),
      '400 PV9103',
      'invalid_request',
    ],
    ['another audience', () => exchange(tokenOf('ada', { aud: 'other' })), '400 PV9103', 'invalid_request'],
    ['no subject', () => exchange(tokenOf('')), '400 PV9103', 'invalid_request'],
    [
      'an algorithm that anybody could sign with',
      () => exchange(signed(rsa, claimsOf('ada', { iss: ISSUER, aud: 'api' }), { alg: 'HS256' })),
      '400 PV9103',
      'invalid_request',
    ],
    ['no token at all', () => exchange('canary-value'), '400 PV9103', 'invalid_request'],
    ['an empty one', () => exchange(''), '400 PV1012', 'invalid_request'],
    [
      'another grant',
      () => exchange(good(), { grant_type: 'password' }),
      '400 PV9104',
      'unsupported_grant_type',
    ],
    [
      'a SAML assertion',
      () => exchange(good(), { subject_token_type: 'urn:ietf:params:oauth:token-type:saml2' }),
      '400 PV9104',
      'invalid_request',
    ],
    [
      'another kind of token',
      () => exchange(good(), { requested_token_type: ACCESS_TOKEN }),
      '400 PV9104',
      'invalid_request',
    ],
    ['one for a service', () => exchange(good(), { audience: 'api' }), '400 PV9104', 'invalid_target'],
    ['one for a place', () => exchange(good(), { resource: 'https://api' }), '400 PV9104', 'invalid_target'],
    ['one for less', () => exchange(good(), { scope: 'openid' }), '400 PV9104', 'invalid_scope'],
    ['one for somebody else', () => exchange(good(), { actor_token: 'a' }), '400 PV9104', 'invalid_request'],
    [
      'a client without a list',
      () => exchange(tokenOf('ada', { client_id: 'other' })),
      '400 PV9102',
      'invalid_request',
    ],
    ['somebody of whom nothing is known', () => exchange(tokenOf('nobody')), '400 PV9102', 'invalid_request'],
    [
      'an unknown provider',
      () => exchange(good(), {}, backend, PATH.replace('oidc', 'nobody')),
      '404 PV9086',
      'invalid_request',
    ],
    [
      'a provider without such a hook',
      () => exchange(good(), {}, backend, PATH.replace('oidc', 'auth0')),
      '403 PV9088',
      'unauthorized_client',
    ],
  ])('%s', async (_, ask, expected, name) => {
    const answer = await ask();
    expect([refused(answer), answer.body.error]).toEqual([expected, name]);
    expect(answer.body.error_description).toBe(answer.body.message);
    expect(answer.text + vault.logged()).not.toContain('canary');
    // A wrong key is nobody's: those are counted together.
    if (!expected.startsWith('401'))
      expect(await lastEntry()).toMatchObject({ error_code: expected.slice(4) });
  });

  test("the operator's log says what was wrong with a token", () => {
    for (const reason of [
      'its signature does not hold',
      'its key is not in the key set',
      'no enabled idp has its issuer',
    ])
      expect(vault.logged()).toContain(`JWT refused: ${reason}`);
  });

  test("another tenant's: 403 PV9088", async () => {
    const sent = { json: request(good()), key: backend, headers: { 'x-tenant-id': 'other' } };
    expect(refused(await vault.send('POST', PATH, sent))).toBe('403 PV9088');
  });

  test('a form that is broken, or says something twice: 400 PV1012', async () => {
    const type = 'application/x-www-form-urlencoded';
    for (const raw of ['grant_type=a&grant_type=b', 'a=%zz', 'a=%ff', '__proto__=1', 'x&'.repeat(200)]) {
      const answer = await vault.send('POST', PATH, { raw, type, key: backend });
      expect([refused(answer), answer.body.error]).toEqual(['400 PV1012', 'invalid_request']);
    }
  });

  test('a collection that is gone: 404 PV1004', async () => {
    const away = iam().replace(
      'exchange_idp = "adfs"\ntoken',
      'collection = "gone"\nexchange_idp = "adfs"\ntoken',
    );
    await setIam(
      vault,
      away.replace('map = { "claims.tax_number" = "national_id" }', '').replace(/^clients.*$/m, ''),
    );
    await vault.send('DELETE', '/ctl/collections/gone');
    const answer = await exchange(tokenOf('ada'));
    await addCollection(vault, 'gone PERSONS ( ssn SSN NULL )');
    await setIam(vault, iam());
    expect([refused(answer), answer.body.error]).toEqual(['404 PV1004', 'invalid_request']);
  });

  test('a vault that fails says so: 500, and nothing is exchanged', async () => {
    await sql(vault, 'alter table idp_subject rename to away');
    const answer = await exchange(tokenOf('ada'));
    await sql(vault, 'alter table away rename to idp_subject');
    expect([answer.status, answer.body.error]).toEqual([500, 'server_error']);
  });
});

test('such a token makes nobody a caller', async () => {
  const token = tokenOf('ada', { 'https://app.piiano.io/role': 'exchange' });
  expect(refused(await exchange(tokenOf('ada'), {}, token))).toBe('401 PV1005');
  expect(refused(await vault.send('GET', '/data/collections/users/count/objects', { key: token }))).toBe(
    '401 PV1005',
  );
});

test('what OAuth calls a vault that is away, busy or broken', () => {
  const named = (...args: ConstructorParameters<typeof VaultError>): unknown =>
    (oauthError(new VaultError(...args)).body as { error: string }).error;
  expect([named('PV9064'), named('PV9018'), named('PV9016'), named('PV1000')]).toEqual([
    'temporarily_unavailable',
    'temporarily_unavailable',
    'temporarily_unavailable',
    'server_error',
  ]);
});
