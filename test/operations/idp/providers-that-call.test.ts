import pg from 'pg';
import { ENVIRONMENT, hookToken, jwtPrehook, webhookEvent } from '../../idp/frontegg-events.js';
import { kratosFlow, tokenHook } from '../../idp/ory-events.js';
import { tokenIssuanceStart } from '../../idp/entra-events.js';
import {
  NEW_USER,
  imported,
  progressive,
  registration,
  systemEvents,
  tokenEvent,
} from '../../idp/okta-events.js';
import { keyOf, setIam } from '../../support/iam.js';
import { claimsOf, rsaKey, signed } from '../../support/jwt.js';
import { addCollection, refused, sql } from '../../support/steps.js';
import { type Answer, type TestVault, startVault } from '../../support/vault.js';
import { behind, entriesOf, objectsNow, stored } from './support.js';

/** Providers that call by themselves, each answered in its own form, over one vault with a hook for each. */
const IDP = '/api/coatcheck/1.0/idp';
const SCHEMA = `users PERSONS ( given_name NAME NULL, ssn SSN NULL, email EMAIL NULL, email_verified BOOLEAN NULL,
  national_id STRING UNIQUE NULL )`;
const TENANT = '30000000-0000-4000-8000-000000000003';
const APP = 'api://vault.example.com/40000000-0000-4000-8000-000000000002';
const microsoft = rsaKey('ms1');
const iam = (more = '', onFailure = 'unchanged'): string => `[users]
hook = { role = "login" }
eraser = { role = "erase" }
[roles.login]
capabilities = ["CapIdpHook"]
policies = ["store"]
[roles.erase]
capabilities = ["CapIdpLifecycle"]
policies = ["erase"]
[policies.store]
policy_type = "allow"
operations = ["write", "tokenize"]
reasons = ["*"]
resources = ["users/properties/*"]
[policies.erase]
policy_type = "allow"
operations = ["delete"]
reasons = ["*"]
resources = ["users/properties/*"]
[idp_hooks.okta]
provider = "okta"
issuer = "https://acme.okta.com"
users = ["hook", "eraser"]
claim = "https://x.example/pii"
clients = { web = ["ssn", "given_name"] }
${more}
[idps.microsoft]
type = "direct-jwt"
allowed_roles = ["login"]
[idps.microsoft.conf]
iss = "https://login.microsoftonline.com/${TENANT}/v2.0"
aud = "${APP}"
keys = '${JSON.stringify({ keys: [microsoft.jwk] })}'
bound_claims = { azp = "99045fe1-7639-4a75-9d4a-577b6ca3810f" }
[idp_hooks.ory]
provider = "ory"
issuer = "https://auth.example.com/"
users = ["hook", "eraser"]
map = { "traits.tax.id" = "national_id" }
clients = { web = ["ssn", "given_name", "national_id"] }
on_failure = "${onFailure}"
[idp_hooks.frontegg]
provider = "frontegg"
issuer = "${ENVIRONMENT}"
users = ["hook", "eraser"]
clients = { web = ["ssn", "given_name"] }
[idp_hooks.entra]
provider = "entra"
issuer = "${TENANT}"
idp = "microsoft"
`;

let vault: TestVault;
let hook: string;
let eraser: string;

beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault, SCHEMA);
  await setIam(vault, iam());
  hook = await keyOf(vault, 'hook');
  eraser = await keyOf(vault, 'eraser');
});
afterAll(() => vault.close());

const call = (
  path: string,
  json: unknown,
  key = hook,
  headers: Record<string, string> = {},
): Promise<Answer> => vault.send('POST', `${IDP}/${path}`, { json, key, headers });
const lastEntry = async (): Promise<Record<string, unknown>> => (await entriesOf(vault)).at(-1)!;

/** How often a failure was answered as a success. */
async function metric(code: string): Promise<number> {
  const text = await (await fetch(`${vault.url}/metrics`)).text();
  const line = `failures_answered_as_success_total{operation="receiveIdpEvent",code="${code}"} `;
  return Number(text.split(line)[1]?.split('\n', 1)[0] ?? 0);
}

/** While `table` cannot be read, on a connection of its own. */
async function locked<T>(table: string, during: () => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: vault.database.url });
  await client.connect();
  await client.query(`begin; lock table ${table} in access exclusive mode`);
  try {
    return await during();
  } finally {
    await client.end();
  }
}

/** While a table is not there: every statement on it fails. */
async function missing<T>(table: string, during: () => Promise<T>): Promise<T> {
  await sql(vault, `alter table ${table} rename to away`);
  try {
    return await during();
  } finally {
    await sql(vault, `alter table away rename to ${table}`);
  }
}

describe('Okta', () => {
  const patchOf = (answer: Answer): unknown => answer.body.commands[0].value[0].value;
  const link = (answer: Answer): string => answer.body.commands[0].value.pii_object_id;

  test('somebody who registers: the vault has the data, the profile the link, and the first token shows whose it is', async () => {
    const event = registration({ login: 'ada@example.com', email: 'ada@example.com', ssn: '123-12-1234' });
    const registered = await call('okta/registration', event);
    expect(registered.body).toEqual({
      commands: [
        { type: 'com.okta.user.profile.update', value: { ssn: null, pii_object_id: expect.any(String) } },
      ],
    });
    expect((await call('okta/registration', event)).body).toEqual(registered.body);
    expect(await stored(vault, link(registered))).toEqual({ ssn: '123-12-1234', email: 'ada@example.com' });

    const user = { id: NEW_USER, profile: { login: 'ada@example.com', firstName: 'Ada' } };
    const issued = await call(
      'okta/token',
      tokenEvent(user, { claims: { pii_object_id: link(registered) } }),
    );
    expect(issued.body).toEqual({
      commands: [
        {
          type: 'com.okta.access.patch',
          value: [
            { op: 'add', path: '/claims/https:~1~1x.example~1pii', value: expect.any(String) },
            { op: 'remove', path: '/claims/pii_object_id' },
          ],
        },
      ],
    });
    expect(await behind(vault, patchOf(issued))).toEqual({ ssn: '123-12-1234', given_name: 'Ada' });

    const grown = await call('okta/registration', progressive(NEW_USER, { national_id: '17' }));
    expect(grown.body.commands[0]).toEqual({
      type: 'com.okta.user.progressive.profile.update',
      value: { national_id: null, pii_object_id: link(registered) },
    });
    expect(await stored(vault, link(registered))).toMatchObject({ national_id: '17', ssn: '123-12-1234' });
  });

  test('whose profile grows before the vault knows them keeps what it has: there may be an object that nothing shows', async () => {
    const before = await objectsNow(vault);
    const answer = await call('okta/registration', progressive('00uunknown', { ssn: '123-12-1234' }));
    expect(answer.body).toEqual({
      commands: [{ type: 'com.okta.action.update', value: { registration: 'ALLOW' } }],
    });
    expect(await objectsNow(vault)).toBe(before);
  });

  test('a value of the wrong kind stays in the profile, the rest is taken', async () => {
    const answer = await call('okta/registration', registration({ ssn: { no: 'ssn' }, national_id: '18' }));
    expect(answer.body.commands[0].value).toEqual({ national_id: null, pii_object_id: expect.any(String) });
  });

  test('an imported user is changed in both profiles', async () => {
    const event = imported({ ssn: '123-12-9999' }, { ssn: '123-12-9999', externalId: 'e1' });
    const { body } = await call('okta/import', event);
    expect(body.commands).toEqual([
      { type: 'com.okta.user.profile.update', value: { ssn: null, pii_object_id: expect.any(String) } },
      { type: 'com.okta.appUser.profile.update', value: { ssn: null } },
    ]);
  });

  test('an event that is sent again gets the very token, and makes nothing new', async () => {
    const event = tokenEvent({ id: 'again', profile: { firstName: 'Grace' } });
    const [first, second] = [await call('okta/token', event), await call('okta/token', event)];
    expect(patchOf(second)).toBe(patchOf(first));
  });

  test('204 where there is no token: for a client without a list, for nobody, and for an ID token', async () => {
    const user = { id: 'no-token', profile: { firstName: 'Alan' } };
    for (const event of [
      tokenEvent(user, { client: 'other' }),
      tokenEvent(null),
      tokenEvent(user, { access: false }),
    ]) {
      const answer = await call('okta/token', event);
      expect([answer.status, answer.text]).toEqual([204, '']);
      expect(await lastEntry()).toMatchObject({ outcome: 'allowed' });
    }
  });

  test('of a batch of events those who were deleted are erased, once, and the rest changes nothing', async () => {
    const issued = await call('okta/token', tokenEvent({ id: 'leaver', profile: { firstName: 'Leo' } }));
    const batch = systemEvents(
      ['user.session.start', ['leaver']],
      ['user.mfa.factor.deactivate', ['stayer']],
      ['user.lifecycle.delete.initiated', ['leaver', 'stranger']],
    );
    for (let nth = 0; nth < 2; nth++) expect((await call('okta/events', batch, eraser)).status).toBe(204);
    expect((await entriesOf(vault)).slice(-4).map(({ rule }) => rule)).toEqual([
      'allow:erase',
      'allow:erase',
      'allow:erase erased-before',
      'allow:erase erased-before',
    ]);
    expect(await behind(vault, patchOf(issued))).toBeUndefined();
    expect((await call('okta/events', systemEvents(['user.session.start', []]), eraser)).status).toBe(204);
    expect(await lastEntry()).toMatchObject({ rule: 'nothing-of-concern' });
  });

  test('who is deactivated loses every token and gets none until they are activated again', async () => {
    const token = (): Promise<Answer> =>
      call('okta/token', tokenEvent({ id: 'paused', profile: { firstName: 'Pia' } }));
    const issued = patchOf(await token());
    const deactivated = systemEvents(['user.lifecycle.deactivate', ['paused']]);
    expect((await call('okta/events', deactivated, eraser)).status).toBe(204);
    expect(await behind(vault, issued)).toBeUndefined();
    expect((await token()).status).toBe(204);
    // Told later, of the same moment: what is known already stays.
    const later = { published: '2026-11-20T09:00:00Z' };
    const activated = systemEvents(['user.lifecycle.activate', ['paused']]);
    const [event] = (activated.data as { events: object[] }).events;
    await call('okta/events', { ...activated, data: { events: [{ ...event, ...later }] } }, eraser);
    expect(await behind(vault, patchOf(await token()))).toEqual({ given_name: 'Pia' });
  });

  test.each<[string, () => Promise<Answer>, string]>([
    ['a wrong key', () => call('okta/token', tokenEvent({ id: 'u' }), 'wrong'), '401 PV1005'],
    [
      'an event from long ago',
      () => call('okta/token', { ...tokenEvent({ id: 'u' }), eventTime: '2020-01-01T00:00:00Z' }),
      '400 PV9101',
    ],
    [
      'one from the future',
      () => call('okta/registration', { ...registration({}), eventTime: '2099-01-01T00:00:00Z' }),
      '400 PV9101',
    ],
    ['an unknown event', () => call('okta/passwords', tokenEvent({ id: 'u' })), '404 PV9086'],
    [
      'the event of another hook',
      () => call('okta/token', registration({ ssn: 'canary-value' })),
      '400 PV9087',
    ],
    [
      'a large one',
      () => call('okta/token', tokenEvent({ id: 'u', profile: { note: 'canary-value'.repeat(30_000) } })),
      '413 PV9014',
    ],
    ['no subject', () => call('okta/token', tokenEvent({ id: '' })), '400 PV9087'],
    [
      'another org',
      () => call('okta/token', { ...tokenEvent({ id: 'u' }), source: 'https://evil.okta.com/oauth2' }),
      '403 PV9088',
    ],
    [
      "another tenant's",
      () => call('okta/token', tokenEvent({ id: 'u' }), hook, { 'x-tenant-id': 'other' }),
      '403 PV9088',
    ],
    ['a deletion with the key of logins', () => call('okta/events', systemEvents()), '403 PV1007'],
  ])('%s is refused, recorded, and nothing of it is told', async (_, ask, expected) => {
    const before = (await entriesOf(vault)).length;
    const answer = await ask();
    expect(refused(answer)).toBe(expected);
    expect(answer.text + vault.logged()).not.toContain('canary');
    const entries = (await entriesOf(vault)).slice(before);
    // A wrong key is nobody's: those are counted together.
    expect(entries.map(({ error_code }) => error_code)).toEqual(
      expected.startsWith('401') ? [] : [expected.slice(4)],
    );
  });

  test('while the vault fails, a token is left to Okta, and whoever registers is let in', async () => {
    const failed = await missing('idp_subject', () => call('okta/token', tokenEvent({ id: 'u' })));
    expect(failed.status).toBe(500);
    const let_in = await missing('idp_subject', () => call('okta/registration', registration({ ssn: '1' })));
    expect([let_in.status, let_in.body]).toEqual([
      200,
      { commands: [{ type: 'com.okta.action.update', value: { registration: 'ALLOW' } }] },
    ]);
    expect(await lastEntry()).toMatchObject({ outcome: 'failed', error_code: 'PV1000' });
    expect(await metric('PV1000')).toBe(1);
  });

  test('unless the hook says that it is to be kept out', async () => {
    await setIam(vault, iam('on_failure = "deny"'));
    const denied = await missing('idp_subject', () => call('okta/registration', registration({ ssn: '1' })));
    await setIam(vault, iam());
    expect(denied.status).toBe(500);
  });

  test('a vault that does not get on answers before Okta stops waiting', async () => {
    const answer = await locked('idp_subject', () => call('okta/registration', registration({ ssn: '1' })));
    expect(answer.body.commands[0].value).toEqual({ registration: 'ALLOW' });
    expect((await entriesOf(vault)).some(({ error_code }) => error_code === 'PV9100')).toBe(true);
  });
});

describe('Entra', () => {
  const SERVICE = '99045fe1-7639-4a75-9d4a-577b6ca3810f';
  const jwt = (more: object = {}, key = microsoft): string => {
    const iss = `https://login.microsoftonline.com/${TENANT}/v2.0`;
    return signed(key, claimsOf('sp', { iss, aud: APP, azp: SERVICE, ...more }), { typ: 'JWT', x5t: 'x' });
  };
  const issue = (user: object, key = jwt(), tenantId = TENANT): Promise<Answer> =>
    call('entra/token-issuance-start', tokenIssuanceStart(user, { tenantId }), key);
  const claims = (answer: Answer): Record<string, string> => answer.body.data.actions[0].claims;
  const UNCHANGED = {
    data: {
      '@odata.type': 'microsoft.graph.onTokenIssuanceStartResponseData',
      actions: [{ '@odata.type': 'microsoft.graph.tokenIssuanceStart.provideClaimsForToken', claims: {} }],
    },
  };

  test('the token is a claim of the very form, and the call is known by the JWT that Microsoft signed', async () => {
    const answer = await issue({ id: 'oid-1', givenName: 'Ada', mail: 'ada@example.com' });
    const token = claims(answer).piiToken!;
    expect(answer.body).toEqual({
      data: {
        ...UNCHANGED.data,
        actions: [{ ...UNCHANGED.data.actions[0], claims: { piiToken: token } }],
      },
    });
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await behind(vault, token)).toEqual({ given_name: 'Ada', email: 'ada@example.com' });
    expect(await lastEntry()).toMatchObject({
      user: 'microsoft:sp',
      role: 'login',
      issuer: `https://login.microsoftonline.com/${TENANT}/v2.0`,
      outcome: 'allowed',
    });
  });

  test('somebody is who the directory says, whatever their address; a try again makes nothing new but a token', async () => {
    const event = tokenIssuanceStart({ id: 'oid-2', givenName: 'Bob', mail: 'shared@example.com' });
    const [first, again] = [
      await call('entra/token-issuance-start', event, jwt()),
      await call('entra/token-issuance-start', event, jwt()),
    ];
    expect(await behind(vault, claims(again).piiToken)).toEqual(await behind(vault, claims(first).piiToken));
    const other = await issue({ id: 'oid-3', givenName: 'Eve', mail: 'shared@example.com' });
    expect(await behind(vault, claims(other).piiToken)).toEqual({
      given_name: 'Eve',
      email: 'shared@example.com',
    });
  });

  test('whoever has nothing that the vault takes gets no claim', async () => {
    expect((await issue({ id: 'oid-4', userType: 'Guest' })).body).toEqual(UNCHANGED);
  });

  test.each<[string, () => Promise<Answer>, string]>([
    ['a signature that is not theirs', () => issue({ id: 'o' }, jwt({}, rsaKey('ms1'))), '401 PV1005'],
    ['a token that has expired', () => issue({ id: 'o' }, jwt({ exp: 1_000 })), '401 PV1005'],
    ['one of another tenant', () => issue({ id: 'o' }, jwt({ iss: 'https://evil.example' })), '401 PV1005'],
    ['one for another API', () => issue({ id: 'o' }, jwt({ aud: 'api://other' })), '401 PV1005'],
    ['one of another application', () => issue({ id: 'o' }, jwt({ azp: 'another' })), '401 PV1005'],
    ['a key of the vault', () => issue({ id: 'o' }, hook), '403 PV9088'],
    ['an event of another tenant', () => issue({ id: 'o' }, jwt(), 'other'), '403 PV9088'],
    [
      "their token at another provider's address",
      () => call('okta/token', tokenEvent({ id: 'u' }), jwt()),
      '403 PV9088',
    ],
    ['no subject', () => issue({ givenName: 'canary-value' }), '400 PV9087'],
    ['no user', () => call('entra/token-issuance-start', {}, jwt()), '400 PV9087'],
  ])('%s is refused, and no value told', async (_, ask, expected) => {
    const answer = await ask();
    expect(refused(answer)).toBe(expected);
    expect(answer.text + vault.logged()).not.toContain('canary');
    if (expected.startsWith('40') && !expected.startsWith('401'))
      expect(await lastEntry()).toMatchObject({ error_code: expected.slice(4) });
  });

  test('while the vault fails or hangs, a token is made without the claim, in time', async () => {
    const failed = await missing('idp_subject', () => issue({ id: 'oid-1' }));
    expect([failed.status, failed.body]).toEqual([200, UNCHANGED]);
    expect(await lastEntry()).toMatchObject({ outcome: 'failed', error_code: 'PV1000' });

    // Not even who is calling can be found out, and nothing be recorded.
    const hung = await locked('change_generation', () => {
      vault.app.vault.metadata.invalidate();
      return issue({ id: 'oid-1' });
    });
    expect([hung.status, hung.body]).toEqual([200, UNCHANGED]);
    expect(await metric('PV9100')).toBeGreaterThan(0);
  });
});

describe('Ory', () => {
  const hookOf = (...event: Parameters<typeof tokenHook>): Promise<Answer> =>
    call('ory/token-hook', tokenHook(...event));

  test('an identity that registers in Kratos is moved in the answer, and Hydra gets a token of the same object', async () => {
    const traits = {
      email: 'ada@example.com',
      name: { first: 'Ada' },
      ssn: '123-12-1234',
      tax: { id: 't-1', year: 1 },
    };
    const { body } = await call('ory/registration', kratosFlow('ada', traits));
    expect(body).toEqual({
      identity: {
        traits: { email: 'ada@example.com', name: {}, tax: { year: 1 } },
        metadata_admin: { pii_object_id: expect.any(String) },
      },
    });
    expect(await stored(vault, body.identity.metadata_admin.pii_object_id)).toEqual({
      email: 'ada@example.com',
      given_name: 'Ada',
      ssn: '123-12-1234',
      national_id: 't-1',
    });

    const issued = await hookOf('ada', { extra: { role: 'editor' }, ext: { picture: 'p' } });
    const token = issued.body.session.access_token.pii_token;
    expect(issued.body).toEqual({
      session: { access_token: { role: 'editor', pii_token: token }, id_token: { picture: 'p' } },
    });
    expect(await behind(vault, token)).toEqual({ given_name: 'Ada', ssn: '123-12-1234', national_id: 't-1' });

    const again = await hookOf('ada', {
      extra: { role: 'editor', pii_token: token },
      grant: 'refresh_token',
    });
    expect(again.body.session.access_token).toEqual({ role: 'editor', pii_token: expect.any(String) });
    expect(again.body.session.access_token.pii_token).not.toBe(token);
  });

  test('claims that the vault takes are in neither token any more', async () => {
    const { body } = await hookOf('grace', {
      extra: { ssn: '123-12-1234', role: 'x' },
      ext: { given_name: 'Grace' },
    });
    expect(body.session).toEqual({
      access_token: { role: 'x', pii_token: expect.any(String) },
      id_token: {},
    });
    expect(await behind(vault, body.session.access_token.pii_token)).toEqual({
      ssn: '123-12-1234',
      given_name: 'Grace',
    });
  });

  test('a changed profile is moved, administrative metadata that is not shown is left alone', async () => {
    const first = await call(
      'ory/settings',
      kratosFlow('alan', { email: 'alan@example.com', ssn: '123-12-1234' }),
    );
    expect(first.body).toEqual({ identity: { traits: { email: 'alan@example.com' } } });
    const shown = kratosFlow('alan', { email: 'alan@example.com' }, { metadata_admin: { plan: 'x' } });
    expect((await call('ory/settings', shown)).body).toEqual({
      identity: { metadata_admin: { plan: 'x', pii_object_id: expect.any(String) } },
    });
    const login = await call('ory/login', kratosFlow('alan', { ssn: '123-12-9999' }));
    expect([login.status, login.body]).toEqual([200, {}]);
  });

  test('204 for a client without a user, and for one without a list', async () => {
    expect((await hookOf('web', { grant: 'client_credentials' })).status).toBe(204);
    expect((await hookOf('ada', { client: 'other' })).status).toBe(204);
  });

  test('while the vault fails, Hydra and Kratos go on unchanged; with deny they do not, but a refresh does', async () => {
    const flow = kratosFlow('bob', { ssn: '123-12-1234' });
    const fail = (ask: () => Promise<Answer>): Promise<Answer> => missing('idp_subject', ask);
    const [code, registered] = [
      await fail(() => hookOf('ada')),
      await fail(() => call('ory/registration', flow)),
    ];
    expect([code.status, code.text, registered.status, registered.body]).toEqual([204, '', 200, {}]);
    expect(await lastEntry()).toMatchObject({ outcome: 'failed', error_code: 'PV1000' });

    await setIam(vault, iam('', 'deny'));
    const denied = await fail(() => hookOf('ada'));
    const refreshed = await fail(() => hookOf('ada', { grant: 'refresh_token' }));
    const kept_out = await fail(() => call('ory/registration', flow));
    // Also where it cannot be found out who is calling.
    const blind = async (...event: Parameters<typeof tokenHook>): Promise<number> => {
      const ask = (): Promise<Answer> => {
        vault.app.vault.metadata.invalidate();
        return hookOf(...event);
      };
      return (await missing('change_generation', ask)).status;
    };
    expect([await blind('ada'), await blind('ada', { grant: 'refresh_token' })]).toEqual([500, 204]);
    await setIam(vault, iam());
    await hookOf('ada');
    expect(await blind('ada')).toBe(204);
    expect([denied.status, refreshed.status, kept_out.status]).toEqual([500, 204, 500]);
  });

  test.each<[string, () => Promise<Answer>, string]>([
    ['a wrong key', () => call('ory/token-hook', tokenHook('ada'), 'wrong'), '401 PV1005'],
    ['another issuer', () => hookOf('ada', { iss: 'https://evil.example/' }), '403 PV9088'],
    ['no subject', () => hookOf(''), '400 PV9087'],
    ['no identity', () => call('ory/registration', { identity: {} }), '400 PV9087'],
    [
      'traits that are none',
      () => call('ory/settings', kratosFlow('a', 'canary-value' as never)),
      '400 PV9087',
    ],
    ['claims that are none', () => hookOf('ada', { extra: ['canary-value'] as never }), '400 PV9087'],
    ['an unknown flow', () => call('ory/recovery', kratosFlow('a', {})), '404 PV9086'],
    ['a large one', () => hookOf('ada', { extra: { a: 'canary-value'.repeat(30_000) } }), '413 PV9014'],
  ])('%s is refused, recorded, and nothing of it is told', async (_, ask, expected) => {
    const answer = await ask();
    expect(refused(answer)).toBe(expected);
    expect(answer.text + vault.logged()).not.toContain('canary');
    if (!expected.startsWith('401'))
      expect(await lastEntry()).toMatchObject({ error_code: expected.slice(4) });
  });

  test('a deletion, reported by whoever deletes', async () => {
    const answer = await call('ory/user-deleted', { identity: { id: 'ada' } }, eraser);
    expect(answer.body).toEqual({ write: {}, scrub: [], warnings: [] });
    expect((await hookOf('ada')).status).toBe(204);
  });
});

describe('Frontegg', () => {
  const SECRETS = { hook: 'the secret of the prehook', eraser: 'the secret of the webhook' };
  const secretOf = (user: string, hook = 'frontegg'): string =>
    `/api/coatcheck/1.0/idp/hooks/${hook}/signing-secrets/${user}`;
  const signedCall = (path: string, json: unknown, token: string, more = {}): Promise<Answer> =>
    vault.send('POST', `${IDP}/frontegg/${path}`, {
      json,
      key: null,
      headers: { 'x-webhook-secret': token, ...more },
    });
  const prehook = (json: unknown, token = hookToken(SECRETS.hook)): Promise<Answer> =>
    signedCall('jwt', json, token);
  const tell = (json: unknown, token = hookToken(SECRETS.eraser)): Promise<Answer> =>
    signedCall('webhook', json, token);
  const tokenIn = ({ body }: Answer): string => body.response.claims.customClaims.pii_token;

  beforeAll(async () => {
    for (const [user, secret] of Object.entries(SECRETS))
      expect((await vault.send('POST', secretOf(user), { json: { secret } })).status).toBe(200);
  });

  test('who signs is the user that the secret was set for; the token goes among the custom claims, what the vault took out of them', async () => {
    const metadata = { ssn: '123-12-1234', theme: 'dark' };
    const answer = await prehook(jwtPrehook('fe-1', { metadata, customClaims: { plan: 'x' } }));
    expect([answer.status, answer.body.continue]).toEqual([200, true]);
    const { claims } = answer.body.response;
    expect(claims).toMatchObject({ metadata: { theme: 'dark' }, email: 'ada@example.com' });
    expect(claims.customClaims).toEqual({ plan: 'x', pii_token: expect.any(String) });
    expect(await behind(vault, tokenIn(answer))).toEqual({ ssn: '123-12-1234' });
    expect(await lastEntry()).toMatchObject({ user: 'hook', role: 'login', outcome: 'allowed' });
    expect((await prehook(jwtPrehook(undefined, { type: 'tenantApiToken' }))).body).toEqual({
      continue: true,
    });
  });

  test('whoever is locked loses every token and gets none, whoever is deleted is erased, also when it is told again', async () => {
    const issue = (): Promise<Answer> => prehook(jwtPrehook('fe-2', { metadata: { ssn: '123-12-1234' } }));
    const before = tokenIn(await issue());
    const locked = webhookEvent('updated', 'fe-2', {}, { isLocked: true });
    expect((await tell(locked)).body).toMatchObject({ write: {}, scrub: [] });
    expect(await behind(vault, before)).toBeUndefined();
    expect((await issue()).body.response?.claims.customClaims).not.toHaveProperty('pii_token');
    await tell(webhookEvent('updated', 'fe-2'));
    const after = tokenIn(await issue());
    for (let nth = 0; nth < 2; nth++) expect((await tell(webhookEvent('deleted', 'fe-2'))).status).toBe(200);
    expect(await behind(vault, after)).toBeUndefined();
    expect((await issue()).body.response.claims.customClaims).toEqual({});
    expect((await tell(webhookEvent('enrolledMFA', 'fe-2'))).status).toBe(200);
    expect(await lastEntry()).toMatchObject({ user: 'eraser', rule: 'nothing-of-concern' });
  });

  const now = (): number => Math.floor(Date.now() / 1000);
  test.each<[string, () => Promise<Answer>, string]>([
    ['another secret', () => prehook(jwtPrehook('u'), hookToken('x'.repeat(20))), '401 PV1005'],
    [
      'no signature at all',
      () => vault.send('POST', `${IDP}/frontegg/jwt`, { json: jwtPrehook('u'), key: null }),
      '401 PV1005',
    ],
    [
      'a token that is not signed',
      () => prehook(jwtPrehook('u'), `${hookToken(SECRETS.hook, {}, { alg: 'none' }).replace(/[^.]*$/, '')}`),
      '401 PV1005',
    ],
    [
      'an algorithm of its own',
      () => prehook(jwtPrehook('u'), hookToken(SECRETS.hook, {}, { alg: 'none' })),
      '401 PV1005',
    ],
    [
      'one of ten minutes ago',
      () => prehook(jwtPrehook('u'), hookToken(SECRETS.hook, { iat: now() - 600 })),
      '401 PV1005',
    ],
    [
      'one from the future',
      () => prehook(jwtPrehook('u'), hookToken(SECRETS.hook, { iat: now() + 600 })),
      '401 PV1005',
    ],
    [
      'one that has expired',
      () => prehook(jwtPrehook('u'), hookToken(SECRETS.hook, { exp: now() - 600 })),
      '401 PV1005',
    ],
    ['what is no token', () => prehook(jwtPrehook('u'), 'canary-value'), '401 PV1005'],
    [
      "a signature at another provider's address",
      () =>
        vault.send('POST', `${IDP}/okta/token`, {
          ...{ json: tokenEvent({ id: 'u' }), key: null },
          headers: { 'x-webhook-secret': hookToken(SECRETS.hook) },
        }),
      '401 PV1005',
    ],
    [
      'a deletion with the secret of logins',
      () => tell(webhookEvent('deleted', 'u'), hookToken(SECRETS.hook)),
      '403 PV1007',
    ],
    ['another environment', () => prehook(jwtPrehook('u', {}, { vendorId: 'other' })), '403 PV9088'],
    [
      "another tenant's",
      () => signedCall('jwt', jwtPrehook('u'), hookToken(SECRETS.hook), { 'x-tenant-id': 'other' }),
      '403 PV9088',
    ],
    ['no subject', () => prehook(jwtPrehook('')), '400 PV9087'],
    ['claims of the wrong kind', () => prehook({ data: { claims: ['canary-value'] } }), '400 PV9087'],
    ['an unknown event', () => signedCall('signup', jwtPrehook('u'), hookToken(SECRETS.hook)), '401 PV1005'],
    ['an unknown event with a key', () => call('frontegg/signup', jwtPrehook('u')), '404 PV9086'],
    [
      'a large one',
      () => prehook(jwtPrehook('u', { metadata: { a: 'canary-value'.repeat(30_000) } })),
      '413 PV9014',
    ],
  ])('%s is refused, and nothing of it is told', async (_, ask, expected) => {
    const answer = await ask();
    expect(refused(answer)).toBe(expected);
    expect(answer.text + vault.logged()).not.toContain('canary');
    if (!expected.startsWith('401') && !expected.startsWith('404'))
      expect(await lastEntry()).toMatchObject({ error_code: expected.slice(4) });
  });

  test('while the vault fails, a token is made without the claim', async () => {
    const failed = await missing('idp_subject', () => prehook(jwtPrehook('fe-1')));
    expect([failed.status, failed.body]).toEqual([200, { continue: true }]);
    expect(await lastEntry()).toMatchObject({ outcome: 'failed', error_code: 'PV1000' });
  });

  test('a secret is good for its hook alone, and once forgotten for nothing', async () => {
    await setIam(
      vault,
      iam()
        .replace(`issuer = "${ENVIRONMENT}"`, 'issuer = "moved"')
        .replace('[idp_hooks.frontegg]', '[idp_hooks.first]') +
        `[idp_hooks.frontegg]\nprovider = "frontegg"\nissuer = "${ENVIRONMENT}"\nusers = ["eraser"]\n`,
    );
    expect(refused(await prehook(jwtPrehook('fe-1')))).toBe('401 PV1005');
    await setIam(vault, iam());
    expect((await prehook(jwtPrehook('fe-1'))).status).toBe(200);
    expect((await vault.send('DELETE', secretOf('hook'))).status).toBe(200);
    expect(refused(await prehook(jwtPrehook('fe-1')))).toBe('401 PV1005');
  });
});
