import { setIam } from '../../support/iam.js';
import { refusal, refused, sql } from '../../support/steps.js';
import { until } from '../../support/until.js';
import { type Answer, type TestVault, startVault } from '../../support/vault.js';
import { tokenIssuanceStart } from '../../idp/entra-events.js';
import { ENVIRONMENT, jwtPrehook, webhookEvent } from '../../idp/frontegg-events.js';
import {
  CREDENTIAL,
  type Fault,
  type ManagementApi,
  startAuth0Api,
  startFronteggApi,
  startGraphApi,
  startLogtoApi,
  startOktaApi,
} from '../../idp/management-apis.js';
import { ORG, tokenEvent } from '../../idp/okta-events.js';
import { OktaServiceApp } from '../../idp/okta-service-app.js';
import { ecKey, rsaKey } from '../../support/jwt.js';
import { type Keys, entriesOf, iam, loginOf, stored, withHook } from './support.js';

/* What a hook cannot change at its provider the vault changes later, through the provider's own API: never before the vault has the value. */

const ISSUER = 'https://acme.logto.app/oidc';
const DIRECTORY = '30000000-0000-4000-8000-000000000003';

const service = new OktaServiceApp();
let auth0: ManagementApi;
let logto: ManagementApi;
let okta: ManagementApi;
let graph: ManagementApi;
let frontegg: ManagementApi;
let vault: TestVault;
let keys: Keys;

beforeAll(async () => {
  [auth0, logto, okta, graph, frontegg] = await Promise.all([
    startAuth0Api(),
    startLogtoApi(),
    startOktaApi(service),
    startGraphApi(DIRECTORY),
    startFronteggApi(),
  ]);
  vault = await startVault({
    COATCHECK_SERVICE_ALLOWED_HTTP_DESTINATIONS: [auth0, logto, okta, graph, frontegg]
      .map(({ base }) => base)
      .join(),
  });
  keys = await withHook(vault);
  await setIam(vault, configured());
  for (const hook of ['shop', 'logto', 'okta', 'frontegg']) expect((await credential(hook)).status).toBe(200);
});
afterAll(async () => {
  await vault.close();
  for (const api of [auth0, logto, okta, graph, frontegg]) await api.close();
});

function configured(more = ''): string {
  return `${iam(`write_back = "${auth0.base}/"\n${more}`).replace('policies = ["erase"]', 'policies = ["erase", "store"]')}
[idp_hooks.logto]
provider = "logto"
issuer = "${ISSUER}"
users = ["hook", "eraser"]
write_back = "${logto.base}"
[idp_hooks.okta]
provider = "okta"
issuer = "${ORG}"
users = ["hook", "importer"]
write_back = "${okta.base}"
[idp_hooks.entra]
provider = "entra"
issuer = "${DIRECTORY}"
users = ["hook"]
map = { "user.companyName" = "user_id" }
write_back = "${graph.base}"
[idp_hooks.frontegg]
provider = "frontegg"
issuer = "${ENVIRONMENT}"
users = ["hook", "eraser"]
write_back = "${frontegg.base}"
`;
}

const credential = (hook: string, json: object = CREDENTIAL): Promise<Answer> =>
  vault.send('POST', `/api/coatcheck/1.0/idp/hooks/${hook}/credential`, { json });

async function updated(user: string): Promise<void> {
  const object = { user_id: user, ...structuredClone(auth0.users.get(user)!) };
  const event = { specversion: '1.0', type: 'user.updated', a0tenant: 'acme', data: { object } };
  const answer = await vault.send('POST', '/api/coatcheck/1.0/idp/auth0/stream', {
    json: { ...event, time: new Date().toISOString() },
    key: keys.eraser,
  });
  expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
}

const addUser = (id: string, app_metadata: object, more: object = {}): Record<string, unknown> => {
  const user = { user_id: id, updated_at: new Date().toISOString(), app_metadata, ...more };
  auth0.users.set(id, user);
  return user;
};

const settled = (): Promise<void> =>
  until('nothing waits', async () => (await vault.app.vault.writeBack.counts()).queued === 0);

const jobs = (): Promise<Record<string, unknown>[]> =>
  sql(
    vault,
    `select state::text, retry_count, data, output from coatcheck_jobs.job where name = 'idp-write-back' order by created_on`,
  ) as Promise<Record<string, unknown>[]>;

/** Makes what waits for its next try due at once. */
const hurry = async (): Promise<void> => {
  await sql(vault, 'update coatcheck_jobs.job set start_after = now()');
  vault.app.vault.writeBack.onAdded();
};

describe('Auth0', () => {
  test('a changed user loses there what the vault has, keeps the rest, and gets the object id', async () => {
    const user = addUser(
      'auth0|a',
      { ssn: '123-12-1234', plan: 'gold' },
      { user_metadata: { phone: '+12025550187' } },
    );
    await updated('auth0|a');
    await settled();
    const { app_metadata, user_metadata } = user as {
      app_metadata: Record<string, string>;
      user_metadata: object;
    };
    expect([app_metadata, user_metadata]).toEqual([{ plan: 'gold', pii_object_id: expect.any(String) }, {}]);
    expect(await stored(vault, app_metadata.pii_object_id!)).toEqual({
      ssn: '123-12-1234',
      phone: '+12025550187',
    });
    expect((await entriesOf(vault)).at(-1)).toMatchObject({ user: 'idp-write-back', role: 'login' });

    auth0.requests.length = 0;
    await updated('auth0|a');
    await settled();
    expect(auth0.requests).toEqual([]);
  });

  test('a value that was changed since goes into the vault before it goes from there', async () => {
    const user = addUser('auth0|b', { ssn: '123-12-1234' });
    const before = structuredClone(user);
    auth0.faults.push({ status: 429, headers: { 'retry-after': '1' } });
    await updated('auth0|b');
    await until('it was turned away', () => auth0.faults.length === 0);
    expect(user).toEqual(before);
    user.app_metadata = { ssn: '123-12-9999' };
    user.updated_at = new Date().toISOString();
    await settled();
    const metadata = user.app_metadata as Record<string, string>;
    expect(metadata).toEqual({ pii_object_id: expect.any(String) });
    expect(await stored(vault, metadata.pii_object_id!)).toEqual({ ssn: '123-12-9999' });
    // Being told to come back later is no failure.
    expect((await jobs()).at(-1)).toMatchObject({ state: 'completed', retry_count: 0 });
  });

  test('a user who is gone, or whose object was deleted here, keeps what they have there', async () => {
    const user = addUser('auth0|gone', { ssn: '123-12-1234' });
    auth0.faults.push({ status: 404 });
    await updated('auth0|gone');
    await settled();
    expect(user.app_metadata).toEqual({ ssn: '123-12-1234' });

    await updated('auth0|gone');
    await settled();
    const { pii_object_id } = user.app_metadata as Record<string, string>;
    await vault.send('DELETE', `/data/collections/users/objects/${pii_object_id}`);
    user.app_metadata = { pii_object_id, ssn: '123-12-1234' };
    auth0.requests.length = 0;
    await updated('auth0|gone');
    await settled();
    expect([user.app_metadata, auth0.requests]).toEqual([{ pii_object_id, ssn: '123-12-1234' }, []]);
  });

  test('an import with write_back has the users changed there, and says of whom; a dry run has nobody', async () => {
    const people = ['a', 'b', 'c'].map((name) => {
      const user = addUser(`auth0|in ${name}`, { ssn: '123-12-1234', plan: name });
      return { user, event: loginOf(`in ${name}`, user.app_metadata as object) };
    });
    const imported = async (events: readonly object[], query = ''): Promise<(boolean | undefined)[]> => {
      const path = `/api/coatcheck/1.0/idp/auth0/post-login/import?write_back=true${query}`;
      const { body } = await vault.send('POST', path, { json: events, key: keys.importer });
      return (body.results as { queued?: boolean }[]).map(({ queued }) => queued);
    };
    const events = people.map((each) => each.event);
    expect(await imported(events, '&dry_run=true')).toEqual([false, false, false]);
    expect((await vault.app.vault.writeBack.counts()).queued).toBe(0);
    expect(await imported([...events, { client: {} }])).toEqual([true, true, true, undefined]);
    await settled();
    const now = people.map(({ user }) => user.app_metadata as Record<string, string>);
    expect(now).toEqual(['a', 'b', 'c'].map((plan) => ({ plan, pii_object_id: expect.any(String) })));
    // What a later export shows of them leaves nothing to do.
    const later = now.map((metadata, i) => loginOf(`in ${'abc'[i]!}`, metadata));
    expect(await imported(later)).toEqual([false, false, false]);
  });

  test('of one user one job waits at most, however many add one at the same moment', async () => {
    // Without a hook that has an API nobody takes jobs.
    await setIam(vault, iam());
    const { writeBack, database } = vault.app.vault;
    const job = { hook: 'shop', keysetId: '', keysetVersion: 1, subject: '', since: Date.now() };
    const add = async (key: string): Promise<unknown> => database.commit([await writeBack.adding(key, job)]);
    await Promise.all([...Array.from({ length: 8 }, () => add('one')), add('another')]);
    expect((await writeBack.counts()).queued).toBe(2);
    await sql(vault, `delete from coatcheck_jobs.job where singleton_key = any('{one,another}')`);
    await setIam(vault, configured());
  });

  test('many events of one user at the same moment leave the user as one would', async () => {
    const user = addUser('auth0|many', { ssn: '123-12-1234' });
    const reset = String(Math.ceil(Date.now() / 1000) + 1);
    auth0.faults.push({ status: 429, headers: { 'x-ratelimit-reset': reset } });
    await Promise.all(Array.from({ length: 8 }, () => updated('auth0|many')));
    await settled();
    expect(user.app_metadata).toEqual({ pii_object_id: expect.any(String) });
    expect((await jobs()).filter(({ state }) => state !== 'completed')).toEqual([]);
  });

  test('a token that was revoked is replaced at once', async () => {
    const user = addUser('auth0|revoked', { ssn: '123-12-1234' });
    auth0.faults.push({ status: 401 });
    auth0.requests.length = 0;
    await updated('auth0|revoked');
    await settled();
    expect(user.app_metadata).toEqual({ pii_object_id: expect.any(String) });
    expect(auth0.requests.map((request) => request.split(' ')[0])).toEqual(['GET', 'POST', 'GET', 'PATCH']);
    expect((await jobs()).at(-1)).toMatchObject({ state: 'completed', retry_count: 0 });
  });

  test('two instances share the work, and one that stops leaves none of it behind', async () => {
    const other = await startVault(
      { COATCHECK_SERVICE_ALLOWED_HTTP_DESTINATIONS: `${auth0.base},${logto.base}` },
      vault.database,
    );
    const users = Array.from({ length: 6 }, (_, i) => `auth0|shared ${i}`);
    for (const user of users) addUser(user, { ssn: '123-12-1234' });
    auth0.requests.length = 0;
    await Promise.all(users.map(updated));
    other.app.vault.writeBack.onAdded();
    await other.close();
    await settled();
    const changes = auth0.requests.filter((request) => request.startsWith('PATCH'));
    expect([changes.length, new Set(changes).size]).toEqual([6, 6]);
    for (const user of users)
      expect(auth0.users.get(user)!.app_metadata).toEqual({ pii_object_id: expect.any(String) });
  });

  test('a failure is tried again, and after the last try given up, in sight', async () => {
    const user = addUser('auth0|failing', { ssn: '123-12-1234' });
    auth0.faults.push({ status: 500 }, { status: 403 }, { status: 400 });
    await updated('auth0|failing');
    const tries = (count: number): Promise<void> =>
      until(`try ${count}`, async () => {
        const job = (await jobs()).at(-1)!;
        return auth0.faults.length === 3 - count && job.state !== 'active';
      });
    await tries(1);
    expect((await jobs()).at(-1)).toMatchObject({ state: 'retry', output: { code: 'PV9113' } });
    expect(user.app_metadata).toEqual({ ssn: '123-12-1234' });
    await hurry();
    await tries(2);
    await sql(
      vault,
      `update coatcheck_jobs.job set start_after = now(), retry_count = retry_limit - 1 where state = 'retry'`,
    );
    vault.app.vault.writeBack.onAdded();
    await tries(3);

    expect((await jobs()).at(-1)).toMatchObject({ state: 'failed', output: { code: 'PV9113' } });
    expect(vault.logged()).toContain('a change at an identity provider was given up');
    const metrics = await (await fetch(`${vault.url}/metrics`)).text();
    expect(metrics).toMatch(/idp_write_back_jobs\{state="failed"\} 1/);
    expect(metrics).toMatch(/idp_write_back_jobs\{state="queued"\} 0/);
    expect(metrics).toMatch(/idp_write_back_done_total [1-9]/);
    expect(metrics).toMatch(/idp_write_back_failed_total 1/);
    expect(metrics).toContain('idp_write_back_oldest_seconds 0');
    expect(vault.logged()).not.toContain('canary-of-the-provider');
  });

  test.each<[string, Fault, string]>([
    ['a page', { status: 200, body: '<p>canary-of-the-provider</p>' }, 'PV9113'],
    ['something else', { status: 200, body: '"canary-of-the-provider"' }, 'PV9087'],
    ['nobody', { status: 200, body: '{"app_metadata":{"ssn":"123-12-1234"}}' }, 'PV9087'],
    ['somebody else', { status: 200, body: '{"user_id":"canary-of-the-provider"}' }, 'PV9113'],
    ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1:1/x' }, body: '' }, 'PV9113'],
    ['nothing', { status: 200, body: null }, 'PV9061'],
  ])('a provider that answers %s changes nothing, and the access log has it', async (name, fault, code) => {
    const user = addUser(`auth0|odd ${name}`, { ssn: '123-12-1234' });
    auth0.faults.push(fault);
    await updated(`auth0|odd ${name}`);
    await until('it failed', async () => (await jobs()).at(-1)!.state === 'retry');
    expect((await jobs()).at(-1)).toMatchObject({ output: { code } });
    expect(user.app_metadata).toEqual({ ssn: '123-12-1234' });
    expect((await entriesOf(vault)).at(-1)).toMatchObject({
      ...{ user: 'idp-write-back', outcome: 'failed', error_code: code },
    });
    expect(vault.logged() + JSON.stringify(await entriesOf(vault))).not.toContain('canary-of-the-provider');
    await sql(vault, `delete from coatcheck_jobs.job where state = 'retry'`);
  });

  test('a credential for another address is not sent to this one', async () => {
    await setIam(vault, configured().replace(`"${auth0.base}/"`, `"${logto.base}/elsewhere"`));
    addUser('auth0|moved', { ssn: '123-12-1234' });
    logto.requests.length = 0;
    await updated('auth0|moved');
    await until('it failed', async () => (await jobs()).at(-1)!.state === 'retry');
    expect((await jobs()).at(-1)).toMatchObject({ output: { code: 'PV9112' } });
    expect(logto.requests).toEqual([]);
    await setIam(vault, configured());
    await hurry();
    await settled();
    expect(auth0.users.get('auth0|moved')!.app_metadata).toEqual({ pii_object_id: expect.any(String) });
  });
});

describe('Logto', () => {
  const login = async (id: string): Promise<void> => {
    const user = structuredClone(logto.users.get(id));
    const json = { issuer: ISSUER, user, token: { clientId: 'web', jti: 'j-1' } };
    const path = '/api/coatcheck/1.0/idp/logto/custom-jwt';
    expect((await vault.send('POST', path, { json, key: keys.hook })).body).toMatchObject({ scrub: [] });
  };

  test('whoever has just registered passes no action: the vault removes what the script could not, for good, and replaces nothing else', async () => {
    const user: Record<string, unknown> = {
      ...{ id: 'l-1', name: 'Ada', primaryEmail: 'ada@example.com', avatar: 'https://a.example/1' },
      customData: { ssn: '123-12-1234', theme: 'dark', email_verified: true },
      profile: { birthdate: '1990-01-02', nickname: 'ada' },
    };
    logto.users.set('l-1', user);
    await login('l-1');
    await settled();
    const { customData } = user as { customData: Record<string, string> };
    expect(user).toEqual({
      ...{ id: 'l-1', name: 'Ada', primaryEmail: 'ada@example.com', avatar: 'https://a.example/1' },
      customData: { theme: 'dark', pii_object_id: expect.any(String) },
      profile: { nickname: 'ada' },
    });
    expect(await stored(vault, customData.pii_object_id!)).toMatchObject({
      ...{ ssn: '123-12-1234', birth_date: '1990-01-02', email: 'ada@example.com' },
    });
    expect(logto.requests.filter((request) => request.startsWith('POST'))).toHaveLength(1);
  });

  test('what the vault may not store stays there', async () => {
    await setIam(
      vault,
      configured()
        .replaceAll('policies = ["store"]', 'policies = ["store_some"]')
        .replace('["erase", "store"]', '["erase"]'),
    );
    const user = { id: 'l-2', customData: { ssn: '123-12-1234', phone: '+12025550187' } };
    logto.users.set('l-2', user);
    await login('l-2');
    await settled();
    await setIam(vault, configured());
    expect(user.customData).toEqual({ phone: '+12025550187', pii_object_id: expect.any(String) });
  });
});

const report = async (path: string, json: unknown, key = keys.hook): Promise<Answer> => {
  const answer = await vault.send('POST', `/api/coatcheck/1.0/idp/${path}`, { json, key });
  expect([200, 204]).toContain(answer.status);
  return answer;
};

describe('Okta', () => {
  const profileOf = (id: string): Record<string, string> =>
    okta.users.get(id)!.profile as Record<string, string>;

  test('a user who was there before loses at the first token what Okta shows to nobody but its API, and gets the object id', async () => {
    const profile = { login: 'ada@example.com', firstName: 'Ada', ssn: '123-12-1234', locale: 'en_GB' };
    okta.users.set('00u1', { id: '00u1', status: 'ACTIVE', lastUpdated: new Date().toISOString(), profile });
    okta.faults.push({
      status: 429,
      headers: { 'x-rate-limit-reset': String(Math.ceil(Date.now() / 1000) + 1) },
    });
    await report('okta/token', tokenEvent({ id: '00u1', profile: { email: 'ada@example.com' } }));
    await settled();
    expect((await jobs()).at(-1)).toMatchObject({ state: 'completed', retry_count: 0 });
    expect(profileOf('00u1')).toEqual({
      ...{ login: 'ada@example.com', firstName: 'Ada', locale: 'en_GB' },
      pii_object_id: expect.any(String),
    });
    const link = profileOf('00u1').pii_object_id!;
    expect(await stored(vault, link)).toMatchObject({ ssn: '123-12-1234', email: 'ada@example.com' });
    expect(okta.requests).toEqual(['GET', 'GET', 'POST'].map((method) => `${method} /api/v1/users/00u1`));

    const claims = { pii_object_id: link };
    await report('okta/token', tokenEvent({ id: '00u1', profile: { email: 'ada@example.com' } }, { claims }));
    await settled();
    expect(okta.requests).toHaveLength(3);
  });

  test('an import changes nobody there unless it says so, also where no hook could', async () => {
    const profile = { login: 'eve@example.com', ssn: '123-12-4321' };
    okta.users.set('00u3', { id: '00u3', status: 'ACTIVE', lastUpdated: new Date().toISOString(), profile });
    const users = [tokenEvent({ id: '00u3', profile: { email: 'eve@example.com' } })];
    const imported = async (query = ''): Promise<{ queued?: boolean }> =>
      (await report(`okta/token/import${query}`, users, keys.importer)).body.results[0];
    expect(await imported()).not.toHaveProperty('queued');
    expect((await vault.app.vault.writeBack.counts()).queued).toBe(0);
    expect((await imported('?write_back=true')).queued).toBe(true);
    await settled();
    expect(profileOf('00u3')).toEqual({ login: 'eve@example.com', pii_object_id: expect.any(String) });
  });

  test('a change that Okta refuses leaves the profile as it is', async () => {
    const profile = { login: 'bob@example.com', phone: '+12025550187' };
    okta.users.set('00u2', { id: '00u2', profile });
    await report('okta/token', tokenEvent({ id: '00u2', profile: { email: 'bob@example.com' } }));
    await until('it failed', async () => (await jobs()).at(-1)!.state === 'retry');
    expect((await jobs()).at(-1)).toMatchObject({ output: { code: 'PV9113' } });
    expect(profileOf('00u2')).toEqual({ login: 'bob@example.com', phone: '+12025550187' });
    await sql(vault, `delete from coatcheck_jobs.job where state = 'retry'`);
  });
});

describe('Okta, as a service app that signs with a private key', () => {
  const rsa = rsaKey('rsa-1');
  const ec = ecKey('ec-1', 'P-384');
  const pem = (key: typeof rsa): string => key.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  const asApp = (private_key: string, more: object = {}): Promise<Answer> =>
    credential('okta', { client_id: service.clientId, private_key, ...more });
  let n = 0;
  /** A user who was there before comes; what Okta has of them then. */
  async function moved(): Promise<unknown> {
    const id = `00app${(n += 1)}`;
    const profile = { login: 'ada@example.com', ssn: '123-12-1234' };
    okta.users.set(id, { id, profile });
    okta.requests.length = 0;
    service.refusals.length = 0;
    await report('okta/token', tokenEvent({ id, profile: { email: 'ada@example.com' } }));
    await settled();
    return okta.users.get(id)!.profile;
  }
  const MOVED = { login: 'ada@example.com', pii_object_id: expect.any(String) };
  const methods = (): string => okta.requests.map((request) => request.split(' ')[0]).join(' ');

  beforeAll(() => service.keys.push(rsa.jwk, { ...ec.jwk, kid: 'ec-1' }));
  afterAll(() => credential('okta'));

  test('a token is bound to a key of the vault where the app requires it, which is the default, and used as long as it lasts', async () => {
    expect((await asApp(pem(rsa), { key_id: 'rsa-1' })).status).toBe(200);
    expect(await moved()).toEqual(MOVED);
    expect(service.refusals).toEqual([
      'invalid_dpop_proof: The DPoP proof JWT header is missing.',
      'use_dpop_nonce: nonce',
    ]);
    expect(methods()).toBe('POST POST POST GET POST');
    expect(await moved()).toEqual(MOVED);
    expect([service.refusals, methods()]).toEqual([[], 'GET POST']);
  });

  test('a nonce that the API itself wants is brought along from then on', async () => {
    service.apiNonce = 'nonce-of-the-api';
    expect(await moved()).toEqual(MOVED);
    expect(methods()).toBe('GET GET POST');
    service.apiNonce = null;
  });

  test('an app that does not require it gets a plain token, by a key of another kind, as JWK', async () => {
    service.requiresProof = false;
    const jwk = { ...ec.privateKey.export({ format: 'jwk' }), kid: 'ec-1' };
    expect((await asApp(JSON.stringify(jwk))).status).toBe(200);
    expect(await moved()).toEqual(MOVED);
    expect([service.refusals, methods()]).toEqual([[], 'POST GET POST']);
    service.requiresProof = true;
  });

  test('a key that is not the app’s changes nothing, and is tried again later', async () => {
    expect((await asApp(pem(rsaKey('rsa-1')), { key_id: 'rsa-1' })).status).toBe(200);
    const id = '00stranger';
    const profile = { login: 'eve@example.com', ssn: '123-12-1234' };
    okta.users.set(id, { id, profile: { ...profile } });
    service.refusals.length = 0;
    await report('okta/token', tokenEvent({ id, profile: { email: 'eve@example.com' } }));
    await until('it failed', async () => (await jobs()).at(-1)!.state === 'retry');
    expect((await jobs()).at(-1)).toMatchObject({ output: { code: 'PV9113' } });
    expect([service.refusals, okta.users.get(id)!.profile]).toEqual([['invalid_client: signature'], profile]);
    await sql(vault, `delete from coatcheck_jobs.job where state = 'retry'`);
  });

  test('keys are read when they are set: what is none, too weak or another provider’s is refused without repeating it', async () => {
    const weak = pem(rsaKey('weak', 1024));
    for (const key of [
      'canary-key',
      '{"kty":"RSA","d":"canary-key"}',
      weak,
      rsa.publicKey.export({ format: 'pem', type: 'spki' }).toString(),
    ]) {
      const answer = await asApp(key);
      expect(refusal(answer)).toMatchObject([400, 'PV1012', { field: '/private_key' }]);
      expect(answer.text).not.toContain('canary');
    }
    const fields = async (hook: string, json: object): Promise<unknown> =>
      (refusal(await credential(hook, json)) as [number, string, { field: string }])[2].field;
    expect(await fields('shop', { client_id: 'm2m', private_key: pem(rsa) })).toBe('/private_key');
    expect(await fields('okta', { ...CREDENTIAL, private_key: pem(rsa) })).toBe('/client_secret');
    expect(await fields('okta', { client_id: 'm2m' })).toBe('/client_secret');
    expect(await fields('okta', { ...CREDENTIAL, key_id: 'a' })).toBe('/key_id');
    const held = JSON.stringify(
      await sql(vault, `select encode(sealed, 'escape') as sealed from keystore.idp_credential`),
    );
    expect(held + vault.logged()).not.toContain('PRIVATE KEY');
  });
});

describe('Entra', () => {
  const issue = (user: object): Promise<Answer> =>
    report('entra/token-issuance-start', tokenIssuanceStart(user, { tenantId: DIRECTORY }));

  test('needs to be told where tokens come from, and only at an address that the settings list', async () => {
    expect(refusal(await credential('entra'))).toMatchObject([400, 'PV1012', { field: '/token_url' }]);
    const elsewhere = { ...CREDENTIAL, token_url: 'https://login.evil.example/token' };
    expect(refused(await credential('entra', elsewhere))).toBe('403 PV9060');
    const token_url = `${graph.base}/${DIRECTORY}/oauth2/v2.0/token`;
    expect((await credential('entra', { ...CREDENTIAL, token_url })).status).toBe(200);
  });

  test('what the directory can do without goes; who comes from another directory is left alone', async () => {
    const user = { id: 'oid-1', displayName: 'Ada L', givenName: 'Ada', companyName: 'Engines', mail: null };
    graph.users.set('oid-1', { ...user });
    await issue(user);
    await settled();
    expect(graph.users.get('oid-1')).toEqual({ ...user, companyName: null });
    expect(graph.requests.map((request) => request.replace(/\?.*/, ''))).toEqual([
      `POST /${DIRECTORY}/oauth2/v2.0/token`,
      'GET /v1.0/users/oid-1',
      'PATCH /v1.0/users/oid-1',
    ]);

    const synced = { id: 'oid-2', displayName: 'Bob', companyName: 'Mills', onPremisesSyncEnabled: true };
    graph.users.set('oid-2', { ...synced });
    await issue({ id: 'oid-2', companyName: 'Mills' });
    await settled();
    expect([graph.users.get('oid-2'), graph.requests.length]).toEqual([synced, 4]);
  });
});

describe('Frontegg', () => {
  const metadataOf = (id: string): unknown => JSON.parse(String(frontegg.users.get(id)!.metadata));

  test('metadata is a text: what the vault has goes out of it, the rest stays, and the object id comes', async () => {
    const metadata = { ssn: '123-12-1234', theme: 'dark' };
    frontegg.users.set('frontegg-ada', {
      id: 'frontegg-ada',
      email: 'ada@example.com',
      metadata: JSON.stringify(metadata),
    });
    await report('frontegg/jwt', jwtPrehook('frontegg-ada', { metadata }));
    await settled();
    expect(metadataOf('frontegg-ada')).toEqual({ theme: 'dark', pii_object_id: expect.any(String) });
    expect(frontegg.requests.at(-1)).toBe('PUT /identity/resources/users/v1/frontegg-ada');
    const { length } = frontegg.requests;

    await report('frontegg/jwt', jwtPrehook('frontegg-ada', { metadata: metadataOf('frontegg-ada') }));
    await settled();
    expect(frontegg.requests).toHaveLength(length);
    // Put in again by somebody who has an old copy, and told by a webhook.
    const again = { ...(metadataOf('frontegg-ada') as object), ssn: '123-12-1234' };
    frontegg.users.get('frontegg-ada')!.metadata = JSON.stringify(again);
    await report('frontegg/webhook', webhookEvent('updated', 'frontegg-ada', again), keys.eraser);
    await settled();
    expect(metadataOf('frontegg-ada')).toEqual({ theme: 'dark', pii_object_id: expect.any(String) });
  });
});

test('neither queue nor credentials hold a name, a value or a secret', async () => {
  const held = await sql(
    vault,
    `select coalesce(data::text, '') || coalesce(output::text, '') || coalesce(singleton_key, '') as text from coatcheck_jobs.job
     union all select hook || encode(sealed, 'escape') from keystore.idp_credential`,
  );
  const text = JSON.stringify(held);
  expect(held.length).toBeGreaterThan(5);
  for (const secret of [
    '123-12',
    '+1202',
    'auth0|',
    'l-1',
    'frontegg-ada',
    '00u1',
    'oid-1',
    CREDENTIAL.client_id,
    CREDENTIAL.client_secret,
  ])
    expect(text).not.toContain(secret);
  expect(vault.logged()).not.toContain(CREDENTIAL.client_secret);
  expect(JSON.stringify(await entriesOf(vault, 'setIdpCredential'))).not.toContain(CREDENTIAL.client_secret);
});
