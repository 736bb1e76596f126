import { setTimeout as wait } from 'node:timers/promises';
import { keyOf, setIam } from '../../support/iam.js';
import {
  AUDIENCE,
  ISSUER,
  type KeyServer,
  claimsOf,
  ecKey,
  rsaKey,
  signed,
  startKeyServer,
} from '../../support/jwt.js';
import { addCollection, addObject, refused, sql, tokenize } from '../../support/steps.js';
import { type Answer, type Sent, type TestVault, startVault } from '../../support/vault.js';

/** JWTs as callers, over HTTP: security.md's attacks on them, roles, restrictions, delegation, and what the log says. */
const rsa = rsaKey('k1');
const ec = ecKey('k2');
const OBJECTS = '/data/collections/users/objects';
const ROLE = 'https://app.piiano.io/role';
const PROP = 'https://app.piiano.io/prop';

let vault: TestVault;
let ann: string;
let bob: string;
const keys = (...set: { jwk: object }[]): string =>
  `keys = '${JSON.stringify({ keys: set.map(({ jwk }) => jwk) })}'`;

const ROLES = `
[users.backend]
role = "backend"
[users.stranger]
role = "stranger"
[roles.reader]
capabilities = ["CapDataReader", "CapDataSearcher", "CapTokensReader"]
policies = ["names"]
[roles.writer]
capabilities = ["CapDataReader", "CapDataWriter", "CapTokensWriter", "CapTokensReader", "CapDataSearcher", "CapCollectionsReader"]
policies = ["all"]
[roles.backend]
capabilities = []
policies = []
[roles.stranger]
capabilities = []
policies = []
[roles.behalf]
capabilities = ["CapDataReader"]
policies = ["names"]
trusted_roles = ["backend"]
[policies.names]
policy_type = "allow"
operations = ["read", "search", "detokenize", "stats"]
reasons = ["*"]
resources = ["users/properties/name", "users/properties/id"]
[policies.all]
policy_type = "allow"
operations = ["*"]
reasons = ["*"]
resources = ["*"]
`;
const idp = (conf = '', more = ''): string => `
[idps.corp]
type = "direct-jwt"
${more}
[idps.corp.conf]
iss = "${ISSUER}"
aud = ["${AUDIENCE}", "second"]
${conf || keys(rsa, ec)}
`;
const configure = (conf?: string, more?: string): Promise<void> => setIam(vault, ROLES + idp(conf, more));
const get = (token: string, path = `${OBJECTS}/${ann}?props=name`, sent: Sent = {}): Promise<Answer> =>
  vault.send('GET', path, { key: token, ...sent });
const as = (role: string, more: object = {}): string =>
  signed(rsa, claimsOf('auth0|ann', { [ROLE]: role, ...more }));
const lastEntry = async (operation: string): Promise<Record<string, unknown>> => {
  const path = `/api/coatcheck/1.0/audit/entries?operation=${operation}&limit=1`;
  return (await vault.send('GET', path)).body.entries[0] as Record<string, unknown>;
};

beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault);
  ann = await addObject(vault, { name: 'Ann' }, { headers: { 'x-tenant-id': 't1' } });
  bob = await addObject(vault, { name: 'Bob' }, { headers: { 'x-tenant-id': 't2' } });
});
afterAll(() => vault.close());
beforeEach(() => configure());

describe('a token of a configured issuer', () => {
  test('is a caller with the role it names, signed by either kind of key', async () => {
    for (const key of [rsa, ec]) {
      const token = signed(key, claimsOf('auth0|ann', { [ROLE]: 'reader' }));
      expect((await get(token)).body).toEqual({ name: 'Ann' });
    }
    expect(refused(await get(as('reader'), `${OBJECTS}/${ann}?props=ssn`))).toBe('403 PV1006');
    expect(refused(await vault.send('POST', OBJECTS, { key: as('reader'), json: {} }))).toBe('403 PV1007');
  });

  test('stands in the log with issuer, subject and key, refused or not, and without its subject in the operator’s', async () => {
    await get(as('reader'), `${OBJECTS}/${ann}?props=ssn`);
    expect(await lastEntry('getObjectById')).toMatchObject({
      user: 'corp:auth0|ann',
      role: 'reader',
      key_id: 'k1',
      issuer: ISSUER,
      subject: 'auth0|ann',
      outcome: 'denied',
    });
    expect(vault.logged()).not.toContain('auth0|ann');
  });

  test('may have its audience in a list', async () => {
    expect((await get(as('reader', { aud: ['other', 'second'] }))).status).toBe(200);
  });

  test('may be as old as the clocks may differ, and be used before now by as much', async () => {
    const now = Math.floor(Date.now() / 1000);
    expect((await get(as('reader', { exp: now - 20 }))).status).toBe(200);
    expect((await get(as('reader', { nbf: now + 20, iat: now + 20 }))).status).toBe(200);
  });
});

describe('401 PV1005, without a word why, where', () => {
  const now = Math.floor(Date.now() / 1000);
  const other = rsaKey('k1');
  const flip = (token: string): string => {
    const [header, claims, signature] = token.split('.') as [string, string, string];
    return `${header}.${claims}.${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`;
  };
  const admin = (token: string): string => {
    const [header, , signature] = token.split('.') as [string, string, string];
    return `${header}.${Buffer.from(JSON.stringify(claimsOf('x', { [ROLE]: 'writer' }))).toString('base64url')}.${signature}`;
  };
  test.each<[string, () => string]>([
    ['it has expired', () => as('reader', { exp: now - 31 - 60 })],
    ['it has no expiry', () => as('reader', { exp: undefined })],
    ['its expiry is text', () => as('reader', { exp: String(now + 60) })],
    ['its expiry is a list', () => as('reader', { exp: [now + 60] })],
    ['it is good for two days', () => as('reader', { exp: now + 2 * 86_400 })],
    ['it is not good yet', () => as('reader', { nbf: now + 120 })],
    ['its nbf is text', () => as('reader', { nbf: 'now' })],
    ['it was issued in the future', () => as('reader', { iat: now + 3600 })],
    ['its issuer is another', () => as('reader', { iss: 'https://evil.example' })],
    ['its issuer is a list with ours', () => as('reader', { iss: [ISSUER] })],
    ['it has no issuer', () => as('reader', { iss: undefined })],
    ['its audience is another', () => as('reader', { aud: 'other' })],
    ['its audiences are others', () => as('reader', { aud: ['other', 'vaults'] })],
    ['its audience is an empty list', () => as('reader', { aud: [] })],
    ['its audience is a list that holds ours and a number', () => as('reader', { aud: [AUDIENCE, 1] })],
    ['its audience is an object', () => as('reader', { aud: { 0: AUDIENCE } })],
    ['it has no audience', () => as('reader', { aud: undefined })],
    ['it has no subject', () => as('reader', { sub: undefined })],
    ['its subject is empty', () => as('reader', { sub: '' })],
    ['its subject is a number', () => as('reader', { sub: 1 })],
    ['its subject holds U+0000', () => as('reader', { sub: 'a\0b' })],
    ['its subject is half a character', () => as('reader', { sub: '\ud83d' })],
    ['its subject is endless', () => as('reader', { sub: 'x'.repeat(256) })],
    ['another key of the same id signed it', () => signed(other, claimsOf('ann', { [ROLE]: 'reader' }))],
    ['its signature was changed', () => flip(as('reader'))],
    ['its claims were changed', () => admin(as('reader'))],
    ['it names no key of the issuer', () => signed(rsa, claimsOf('ann'), { kid: '../../k1' })],
    ['it names the key of the other algorithm', () => signed(rsa, claimsOf('ann'), { kid: 'k2' })],
    ['an EC key is said to be RSA', () => signed(ec, claimsOf('ann'), { alg: 'RS256' })],
    ['it carries its own key', () => signed(other, claimsOf('ann'), { jwk: other.jwk })],
    ['nobody signed it', () => 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJBZG1pbiJ9.'],
  ])('%s', async (_what, token) => {
    const answer = await get(token());
    expect(refused(answer)).toBe('401 PV1005');
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    expect(answer.body.context).toEqual({});
  });

  test('the idp is disabled, from the very next request on, even for a token that has just passed', async () => {
    const token = as('reader');
    expect((await get(token)).status).toBe(200);
    await configure('', 'disabled = true');
    expect(refused(await get(token))).toBe('401 PV1005');
    await configure();
    expect((await get(token)).status).toBe(200);
  });

  test('no idp is configured any more, or with other keys', async () => {
    const token = as('reader');
    expect((await get(token)).status).toBe(200);
    await configure(keys(other));
    expect(refused(await get(token))).toBe('401 PV1005');
    await setIam(vault, ROLES);
    expect(refused(await get(token))).toBe('401 PV1005');
  });

  test('it passed and has expired since', async () => {
    const token = as('reader', { exp: Math.floor(Date.now() / 1000) - 28 });
    expect((await get(token)).status).toBe(200);
    await wait(2_500);
    expect(refused(await get(token))).toBe('401 PV1005');
  });

  test('a bound claim is missing or other', async () => {
    await configure(`${keys(rsa)}\nbound_claims = { hd = "example.com", level = [2, 3], deep = { a = 1 } }`);
    const good = { hd: 'example.com', level: 3, deep: { a: 1 } };
    expect((await get(as('reader', good))).status).toBe(200);
    expect((await get(as('reader', { ...good, hd: ['x', 'example.com'] }))).status).toBe(200);
    for (const wrong of [
      { hd: 'evil.com' },
      { hd: undefined },
      { level: 4 },
      { level: '3' },
      { deep: { a: 1, b: 2 } },
    ]) {
      expect(refused(await get(as('reader', { ...good, ...wrong })))).toBe('401 PV1005');
    }
  });

  test('refusals are counted in the log and cost nobody an attempt on a key', async () => {
    for (let i = 0; i < 20; i++) expect(refused(await get(as('reader', { iss: 'x' })))).toBe('401 PV1005');
    expect((await vault.send('GET', '/ctl/collections')).status).toBe(200);
    expect(vault.logged()).toContain('JWT refused: no enabled idp has its issuer, audience and bound claims');
  });
});

describe('its role', () => {
  const role = async (claims: Record<string, unknown>): Promise<string> => {
    await get(signed(rsa, claimsOf('ann', claims)));
    return (await lastEntry('getObjectById')).role as string;
  };

  test('is read from roles_claim, under namespace_top_claim, and through roles_map', async () => {
    await configure(
      `${keys(rsa)}\nroles_claim = "groups"\nnamespace_top_claim = "https://x.example/vault"`,
      'roles_map = { Readers = "reader", Writers = "writer" }',
    );
    expect(await role({ 'https://x.example/vault': { groups: ['Everyone', 'Readers'] } })).toBe('reader');
    expect(await role({ groups: ['Readers'] })).toBe('');
    expect(await role({ 'https://x.example/vault': { groups: ['reader'] } })).toBe('');
  });

  test('must be among allowed_roles, whose order decides between several', async () => {
    await configure(keys(rsa), 'allowed_roles = ["reader", "stranger"]');
    expect(await role({ [ROLE]: 'writer' })).toBe('');
    expect(await role({ [ROLE]: ['stranger', 'writer', 'reader'] })).toBe('reader');
  });

  test('is none where several are left and nothing puts them in order', async () => {
    expect(await role({ [ROLE]: ['reader', 'writer'] })).toBe('');
    expect(await role({ [ROLE]: ['reader', 'reader', 'gone'] })).toBe('reader');
  });

  test('is the only allowed one where the configuration reads none from the token', async () => {
    await configure(keys(rsa), 'allowed_roles = ["reader"]');
    expect(await role({})).toBe('reader');
    await configure(`${keys(rsa)}\nroles_claim = "groups"`, 'allowed_roles = ["reader"]');
    expect(await role({})).toBe('');
  });

  test.each([['Admin'], ['admin'], ['behalf'], ['constructor'], [''], [7], [{}], [null]])(
    'is never %j: the caller is known, may do nothing, and that is recorded',
    async (claim) => {
      expect(refused(await get(as(claim as string)))).toBe('403 PV1007');
      expect(await lastEntry('getObjectById')).toMatchObject({
        role: '',
        subject: 'auth0|ann',
        outcome: 'denied',
      });
    },
  );
});

describe('claims that restrict', () => {
  const tenant = (t: unknown): object => ({ [`${PROP}/_tenant_id`]: t });
  const object = (id: unknown): object => ({ [`${PROP}/id`]: id });

  test('to tenants outrank X-Tenant-Id, which may narrow them and not widen them', async () => {
    const t1 = as('reader', tenant('t1'));
    expect((await get(t1)).status).toBe(200);
    expect(refused(await get(t1, `${OBJECTS}/${bob}?props=name`))).toBe('403 PV9009');
    expect(refused(await get(t1, undefined, { headers: { 'x-tenant-id': 't1,t2' } }))).toBe('403 PV9065');
    const both = as('reader', tenant(['t1', 't2']));
    expect((await get(both, `${OBJECTS}?props=name`)).body.results).toHaveLength(2);
    expect(
      (await get(both, `${OBJECTS}?props=name`, { headers: { 'x-tenant-id': 't2' } })).body.results,
    ).toEqual([{ name: 'Bob' }]);
    expect((await get(t1, `${OBJECTS}?props=name`)).body.results).toEqual([{ name: 'Ann' }]);
    expect((await lastEntry('listObjects')).tenants).toEqual(['t1']);
  });

  test('to tenants close what does not keep to tenants', async () => {
    const t1 = as('writer', tenant('t1'));
    for (const path of ['/data/collections/users/count/objects', '/ctl/collections']) {
      expect(refused(await get(t1, path))).toBe('403 PV9065');
    }
  });

  test('to tenants put what is added there', async () => {
    const answer = await vault.send('POST', OBJECTS, {
      key: as('writer', tenant('t9')),
      json: { name: 'New' },
    });
    const rows = await sql(vault, 'select tenant from object where id = $1', [answer.body.id]);
    expect(rows).toEqual([{ tenant: 't9' }]);
  });

  test('to objects: reading, changing, tokens and their exchange, of these and no others', async () => {
    const own = as('writer', object(ann.toUpperCase()));
    expect((await get(own)).status).toBe(200);
    expect(refused(await get(own, `${OBJECTS}/${bob}?props=name`))).toBe('403 PV9065');
    expect((await get(own, `${OBJECTS}?ids=${ann}&props=name`)).status).toBe(200);
    expect(refused(await get(own, `${OBJECTS}?ids=${ann},${bob}&props=name`))).toBe('403 PV9065');
    expect(refused(await get(own, `${OBJECTS}?props=name`))).toBe('403 PV9065');
    const patch = (id: string): Promise<Answer> =>
      vault.send('PATCH', `${OBJECTS}/${id}`, { key: own, json: { zip_code_us: '12345' } });
    expect((await patch(ann)).status).toBe(200);
    expect(refused(await patch(bob))).toBe('403 PV9065');

    const path = '/data/collections/users/tokens';
    const make = (source: object): Promise<Answer> =>
      vault.send('POST', path, { key: own, json: [{ type: 'randomized', object: source, props: ['name'] }] });
    const made = await make({ id: ann });
    expect((await get(own, `${path}?token_ids=${made.body[0].token_id}`)).body[0].fields).toEqual({
      name: 'Ann',
    });
    for (const source of [{ id: bob }, { fields: { name: 'x' } }])
      expect(refused(await make(source))).toBe('403 PV9065');
    const foreign = await tokenize(vault, { object: { id: bob }, props: ['name'] });
    const ownerless = await tokenize(vault, { object: { fields: { name: 'x' } } });
    for (const token of [foreign, ownerless]) {
      expect(refused(await get(own, `${path}?token_ids=${token}`))).toBe('403 PV9065');
      expect(refused(await vault.send('DELETE', `${path}?token_ids=${token}`, { key: own }))).toBe(
        '403 PV9065',
      );
    }
  });

  test('to objects close adding, searching, counting and the control plane', async () => {
    const own = as('writer', object(ann));
    const calls: [string, string, unknown?][] = [
      ['POST', OBJECTS, { name: 'x' }],
      ['POST', '/data/collections/users/query/objects?props=name', { match: { name: 'Bob' } }],
      ['GET', '/data/collections/users/count/objects'],
      ['GET', '/ctl/collections'],
    ];
    for (const [method, path, json] of calls) {
      expect(refused(await vault.send(method, path, { key: own, ...(json !== undefined && { json }) }))).toBe(
        '403 PV9065',
      );
    }
  });

  test.each<[string, () => object]>([
    ['to nothing', () => object([])],
    ['by another property', () => ({ [`${PROP}/user_id`]: 'ann' })],
    ['by a number', () => tenant(1)],
    ['by null', () => tenant(null)],
    ['by a list with a number', () => object([ann, 1])],
  ])('%s allow nothing, and the refusal is recorded', async (_what, claims) => {
    expect(refused(await get(as('reader', claims())))).toBe('403 PV9065');
    expect(await lastEntry('getObjectById')).toMatchObject({ outcome: 'denied', error_code: 'PV9065' });
  });

  test('count wherever they stand, and from extra_claims for every token of the idp', async () => {
    const extra = `extra_claims = '{"${PROP}/_tenant_id": "t1"}'`;
    await configure(`${keys(rsa)}\nnamespace_top_claim = "ns"\n${extra}`);
    const token = signed(rsa, claimsOf('ann', { ns: { [ROLE]: 'reader' } }));
    expect((await get(token)).status).toBe(200);
    expect(refused(await get(token, `${OBJECTS}/${bob}?props=name`))).toBe('403 PV9009');
    const nested = signed(rsa, claimsOf('ann', { ns: { [ROLE]: 'reader', ...tenant('t2') } }));
    expect(refused(await get(nested))).toBe('403 PV9065');
    const elsewhere = signed(rsa, claimsOf('ann', { ns: { [ROLE]: 'reader' }, ...tenant('t2') }));
    expect(refused(await get(elsewhere))).toBe('403 PV9065');
  });
});

describe('delegation', () => {
  const HEADER = 'x-pvault-delegation';
  let backend: string;
  let stranger: string;
  beforeEach(async () => {
    backend = await keyOf(vault, 'backend');
    stranger = await keyOf(vault, 'stranger');
  });
  const act = (key: string, delegation: string, path?: string): Promise<Answer> =>
    get(key, path, { headers: { [HEADER]: delegation } });

  test('a trusted role acts under the role of the JWT, for its subject, and the log names both', async () => {
    expect(refused(await get(backend))).toBe('403 PV1007');
    expect((await act(backend, as('behalf'))).body).toEqual({ name: 'Ann' });
    expect(await lastEntry('getObjectById')).toMatchObject({
      user: 'backend',
      role: 'behalf',
      key_id: expect.any(String),
      delegation: { issuer: ISSUER, subject: 'auth0|ann', trusted_role: 'backend' },
    });
    expect(refused(await act(backend, as('behalf'), `${OBJECTS}/${ann}?props=ssn`))).toBe('403 PV1006');
  });

  test('the trusted caller may itself be a JWT; what restricts either restricts both', async () => {
    const caller = as('backend', { sub: 'svc', [`${PROP}/_tenant_id`]: ['t1', 't2'] });
    const user = (t: string): string => as('behalf', { [`${PROP}/_tenant_id`]: t });
    expect((await act(caller, user('t1'))).status).toBe(200);
    expect(await lastEntry('getObjectById')).toMatchObject({
      subject: 'svc',
      delegation: { subject: 'auth0|ann' },
      tenants: ['t1'],
    });
    expect(refused(await act(caller, user('t2')))).toBe('403 PV9009');
    expect(refused(await act(caller, user('t3')))).toBe('403 PV9065');
  });

  test.each<[string, () => string, () => string, string]>([
    ['a role that is not trusted', () => stranger, () => as('behalf'), '403 PV9066'],
    ['the Admin', () => 'pvaultauth', () => as('behalf'), '403 PV9066'],
    ['a role that trusts nobody', () => backend, () => as('writer'), '403 PV9066'],
    ['a JWT without a role', () => backend, () => as(''), '403 PV9066'],
    ['an API key', () => backend, () => backend, '401 PV1005'],
    ['the Admin’s key', () => backend, () => 'pvaultauth', '401 PV1005'],
    ['a JWT that has expired', () => backend, () => as('behalf', { exp: 1 }), '401 PV1005'],
    ['two JWTs', () => backend, () => `${as('behalf')}, ${as('behalf')}`, '401 PV1005'],
    ['a delegated JWT as the caller', () => as('behalf'), () => as('behalf'), '403 PV9066'],
  ])('%s is refused, and that is recorded', async (_what, key, delegation, code) => {
    const before = await lastEntry('getObjectById');
    expect(refused(await act(key(), delegation()))).toBe(code);
    const entry = await lastEntry('getObjectById');
    expect(entry.index).not.toBe(before.index);
    expect(entry).toMatchObject({
      error_code: code.slice(4),
      outcome: code.startsWith('403') ? 'denied' : 'failed',
    });
    expect(entry).not.toHaveProperty('delegation');
  });

  test('an empty header is none', async () => {
    expect(refused(await act(backend, ''))).toBe('403 PV1007');
  });
});

describe('keys behind a jwks_uri', () => {
  let server: KeyServer;
  beforeEach(async () => {
    server = await startKeyServer(rsa);
    await configure(`jwks_uri = "${server.uri}"`);
  });
  afterEach(() => server.close());

  test('are fetched once for everybody, and go on while the provider is away', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => get(as('reader'))));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(server.fetched).toBe(1);
    await server.close();
    expect((await get(as('reader'))).status).toBe(200);
  });

  test('unknown key ids in any number are refused and fetch at most once more', async () => {
    await get(as('reader'));
    const tokens = Array.from({ length: 30 }, (_, i) => signed(rsa, claimsOf('x'), { kid: `k${i + 10}` }));
    for (const answer of await Promise.all(tokens.map((token) => get(token))))
      expect(refused(answer)).toBe('401 PV1005');
    expect(server.fetched).toBeLessThanOrEqual(2);
  });

  test('a provider that hangs holds up nobody but those who need its keys; without keys the answer is 503 PV9064', async () => {
    const hanging: (() => void)[] = [];
    server.answer = (response) => hanging.push(() => response.writeHead(500).end());
    const waiting = get(as('reader'));
    while (hanging.length === 0) await wait(5);
    expect((await vault.send('GET', '/ctl/collections')).status).toBe(200);
    hanging.forEach((release) => release());
    expect(refused(await waiting)).toBe('503 PV9064');
    expect((await vault.send('GET', '/data/info/health', { key: null })).status).toBe(200);
  });

  test('are never fetched where that is switched off; written keys go on', async () => {
    const own = await startVault({ COATCHECK_FEATURES_DISABLE_IDP_JWKS: 'true' });
    await setIam(own, ROLES + idp(`jwks_uri = "${server.uri}"`));
    expect(
      refused(await own.send('GET', '/data/collections/none/objects?props=a', { key: as('reader') })),
    ).toBe('401 PV1005');
    expect(server.fetched).toBe(0);
    await setIam(own, ROLES + idp());
    expect(
      refused(await own.send('GET', '/data/collections/none/objects?props=a', { key: as('reader') })),
    ).toBe('404 PV1004');
    await own.close();
  });
});
