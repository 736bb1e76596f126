import { keyOf, setIam } from '../../support/iam.js';
import { refused, sql } from '../../support/steps.js';
import { until } from '../../support/until.js';
import { type Answer, type TestVault, startVault } from '../../support/vault.js';
import {
  CREDENTIAL,
  type ManagementApi,
  startAuth0Api,
  startFronteggApi,
  startGraphApi,
  startLogtoApi,
  startOktaApi,
} from '../../idp/management-apis.js';
import { tokenIssuanceStart } from '../../idp/entra-events.js';
import { ENVIRONMENT, jwtPrehook } from '../../idp/frontegg-events.js';
import { ORG, tokenEvent } from '../../idp/okta-events.js';
import { DELETED, type Keys, LOGIN, entriesOf, iam, loginOf, withHook } from './support.js';

/* Going back: what the vault holds is put where it stood at the provider, by the queue of changes there. */

const DIRECTORY = '30000000-0000-4000-8000-000000000003';
const ISSUERS: Readonly<Record<string, string>> = {
  ...{ auth0: 'acme', logto: 'https://acme.logto.app/oidc', okta: ORG },
  ...{ entra: DIRECTORY, frontegg: ENVIRONMENT, oidc: 'https://idp.example' },
};
const KEEP =
  'keep = ["app_metadata.ssn", "app_metadata.national_id", "app_metadata.notes", "user_metadata.phone"]';
const MAP = 'map = { "app_metadata.national_id" = "user_id" }\nquarantine = "notes"';

let apis: Record<string, ManagementApi>;
let vault: TestVault;
let keys: Keys & { readonly restorer: string };

beforeAll(async () => {
  const [auth0, logto, okta, entra, frontegg] = await Promise.all([
    startAuth0Api(),
    startLogtoApi(),
    startOktaApi(),
    startGraphApi(DIRECTORY),
    startFronteggApi(),
  ]);
  apis = { auth0, logto, okta, entra, frontegg };
  vault = await startVault({
    COATCHECK_SERVICE_ALLOWED_HTTP_DESTINATIONS: Object.values(apis)
      .map(({ base }) => base)
      .join(),
  });
  const known = await withHook(vault);
  await setIam(vault, configured());
  keys = { ...known, restorer: await keyOf(vault, 'restorer') };
  const token_url = `${entra.base}/${DIRECTORY}/oauth2/v2.0/token`;
  for (const hook of ['shop', 'logto', 'okta', 'entra', 'frontegg']) {
    const json = { ...CREDENTIAL, ...(hook === 'entra' && { token_url }) };
    const path = `/api/coatcheck/1.0/idp/hooks/${hook}/credential`;
    expect((await vault.send('POST', path, { json })).status).toBe(200);
  }
});
afterAll(async () => {
  await vault.close();
  for (const api of Object.values(apis)) await api.close();
});

/** Hooks that remove, and (`keep`) hooks that let everything stay. */
function configured({
  keep = '',
  policies = '"read"',
  masks = '',
  users = '"restorer", ',
  more = '',
} = {}): string {
  const hook = (name: string, provider: string, kept: string): string => `
[idp_hooks.${name}]
provider = "${provider}"
issuer = "${ISSUERS[provider]}"
users = [${users}"hook", "importer"]
${provider === 'entra' ? 'map = { "user.companyName" = "user_id" }' : ''}
${keep === '' ? '' : `keep = [${kept}]`}
${apis[provider] ? `write_back = "${apis[provider].base}"` : ''}
`;
  return `${iam(`write_back = "${apis.auth0!.base}"\n${MAP}\n${keep}`)
    .replace('users = ["hook"', `users = [${users}"hook"`)
    .replace('[users]', `[users]\nrestorer = { role = "restore"${more} }`)}
[roles.restore]
capabilities = ["CapIdpRestore"]
policies = [${policies}]
${masks}
[policies.read_some]
policy_type = "allow"
operations = ["read"]
reasons = ["*"]
resources = ["users/properties/ssn"]
${hook('logto', 'logto', '"customData.ssn", "profile.birthdate"')}
${hook('okta', 'okta', '"profile.ssn"')}
${hook('entra', 'entra', '"user.companyName"')}
${hook('frontegg', 'frontegg', '"metadata.ssn"')}
${hook('plain', 'oidc', '"claims.ssn"')}
`;
}

type Result = { outcome: string; places: string[]; left: { place: string; reason: string }[] };
const send = (json: unknown, query = '', { provider = 'auth0', key = keys.restorer } = {}): Promise<Answer> =>
  vault.send(
    'POST',
    `/api/coatcheck/1.0/idp/${provider}/hook/restore?issuer=${encodeURIComponent(ISSUERS[provider] ?? 'x')}${query}`,
    { json, key },
  );
async function restored(json: unknown, query = '', provider = 'auth0'): Promise<Result[]> {
  const answer = await send(json, query, { provider });
  expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
  return answer.body.results as Result[];
}

/** A user who logged in, and lost at the provider what the vault has now. */
async function scrubbed(name: string, metadata: object): Promise<Record<string, unknown>> {
  const { body } = await vault.send('POST', LOGIN, { json: loginOf(name, metadata), key: keys.hook });
  const user = { user_id: `auth0|${name}`, app_metadata: { plan: 'gold', ...body.write }, user_metadata: {} };
  apis.auth0!.users.set(user.user_id, user);
  return user;
}
const settled = (): Promise<void> =>
  until('nothing waits', async () => (await vault.app.vault.writeBack.counts()).queued === 0);
/** Has the next job fail once, so that something can happen before it is tried again. */
async function heldUp(request: () => Promise<unknown>): Promise<void> {
  apis.auth0!.faults.push({ status: 500 });
  await request();
  const waiting = `select from coatcheck_jobs.job where state = 'retry'`;
  await until('it failed once', async () => (await sql(vault, waiting)).length === 1);
}
async function goOn(): Promise<void> {
  await sql(vault, 'update coatcheck_jobs.job set start_after = now()');
  vault.app.vault.writeBack.onAdded();
}
async function failedWith(code: string): Promise<void> {
  const failed = `select from coatcheck_jobs.job where state = 'retry' and retry_count = 1 and output->>'code' = '${code}'`;
  await until('it failed', async () => (await sql(vault, failed)).length > 0);
}
const sent = (provider = 'auth0'): string[] =>
  apis[provider]!.requests.filter((request) => /^(PATCH|PUT|POST \/api\/v1)/.test(request));
const asked = (...names: string[]): { subject: string }[] =>
  names.map((name) => ({ subject: `auth0|${name}` }));
const stored = { national_id: 'n-1', ssn: '123-12-1234', notes: { of: 'canary-note' } };

describe('200', () => {
  beforeEach(async () => {
    await setIam(vault, configured({ keep: KEEP }));
    for (const { requests } of Object.values(apis)) requests.length = 0;
  });

  test('what the vault holds is back, with the object id and all else left as they were; twice is as once', async () => {
    await setIam(vault, configured());
    const user = await scrubbed('back', stored);
    const link = (user.app_metadata as Record<string, string>).pii_object_id;
    await setIam(vault, configured({ keep: KEEP }));
    const [result] = await restored(asked('back'));
    expect(result).toEqual({
      outcome: 'held',
      places: ['app_metadata.ssn', 'app_metadata.national_id'],
      left: [
        // Nothing is mapped to what keeps values that fit nowhere.
        { place: 'app_metadata.notes', reason: 'no_place' },
        { place: 'user_metadata.phone', reason: 'no_value' },
      ],
    });
    await settled();
    expect(user.app_metadata).toEqual({
      plan: 'gold',
      pii_object_id: link,
      national_id: 'n-1',
      ssn: '123-12-1234',
    });

    const requests = sent().length;
    expect((await restored(asked('back')))[0]!.outcome).toBe('held');
    await settled();
    expect([sent().length, requests]).toEqual([1, 1]);
    // The next login takes it in, and leaves it where it is.
    const { body } = await vault.send('POST', LOGIN, {
      json: loginOf('back', user.app_metadata as object),
      key: keys.hook,
    });
    expect([body.scrub, body.write]).toEqual([[], {}]);
  });

  test('each value that is sent was recorded before, for whoever asked, and nothing of it is in queue or log', async () => {
    const user = await scrubbed('recorded', { ssn: '123-12-4321' });
    const { requests } = apis.auth0!;
    const seen: number[] = [];
    await heldUp(() => restored([{ subject: 'auth0|recorded', places: ['app_metadata.ssn'] }]));
    const [order, failed, ...none] = (await entriesOf(vault, 'restoreIdpUsers')).slice(-2);
    expect(failed).toMatchObject({ user: 'idp-write-back', outcome: 'failed', error_code: 'PV9113' });
    expect([none, order]).toEqual([
      [],
      expect.objectContaining({
        user: 'restorer',
        role: 'restore',
        outcome: 'allowed',
        asked: [{ property: 'ssn' }, { property: 'notes' }],
      }),
    ]);
    expect(order!.revealed).toEqual([]);
    const waiting = JSON.stringify(await sql(vault, `select data, singleton_key from coatcheck_jobs.job`));
    expect(waiting).toContain('app_metadata.ssn');
    for (const secret of ['auth0|', '123-12', 'recorded']) expect(waiting).not.toContain(secret);
    await goOn();
    await settled();
    seen.push(requests.findIndex((request) => request.startsWith('PATCH')));
    expect([seen[0]! > 0, user.app_metadata]).toEqual([
      true,
      expect.objectContaining({ ssn: '123-12-4321' }),
    ]);
    const sentBy = (await entriesOf(vault, 'restoreIdpUsers')).at(-1);
    expect(sentBy).toMatchObject({
      ...{
        user: 'idp-write-back',
        role: 'restore',
        outcome: 'allowed',
        caller_request_id: order!.request_id,
      },
      ...{ objects: order!.objects, revealed: [{ property: 'ssn' }, { property: 'notes' }] },
    });
    expect(vault.logged()).not.toContain('123-12-4321');
  });

  test('what the provider got meanwhile stays, and a place that is empty or null is one that was emptied', async () => {
    const user = await scrubbed('newer', { ...stored, national_id: 'n-2' });
    user.app_metadata = { ssn: '999-99-9999', national_id: '' };
    await restored(asked('newer'));
    await settled();
    expect(user.app_metadata).toEqual({ ssn: '999-99-9999', national_id: 'n-2' });
  });

  test('who was erased, archived or deleted, and who was never there, is told and left alone', async () => {
    const users = [];
    for (const name of ['erased', 'archived', 'deleted', 'later'])
      users.push(await scrubbed(name, { ssn: '123-12-1234' }));
    const idOf = (user: Record<string, unknown>): string =>
      (user.app_metadata as Record<string, string>).pii_object_id!;
    const erase = (name: string): Promise<Answer> =>
      vault.send('POST', DELETED, {
        json: { tenant: { id: 'acme' }, user: { user_id: `auth0|${name}` } },
        key: keys.eraser,
      });
    expect((await erase('erased')).status).toBe(200);
    const objects = '/data/collections/users/objects';
    await vault.send('PATCH', `${objects}/${idOf(users[1]!)}?expiration_secs=0`, { json: {} });
    await sql(
      vault,
      `update object set expires_at = now() - interval '1 second' where id = '${idOf(users[1]!)}'`,
    );
    await vault.send('DELETE', `${objects}/${idOf(users[2]!)}`);
    const names = ['erased', 'archived', 'deleted', 'nobody'];
    const results = await restored(asked(...names));
    expect(results.map(({ outcome }) => outcome)).toEqual(['erased', 'archived', 'deleted', 'unknown']);
    // Erased between the request and the job: what waits comes to nothing.
    await heldUp(() => restored(asked('later')));
    expect((await erase('later')).status).toBe(200);
    await goOn();
    await settled();
    expect(sent()).toEqual([]);
    for (const user of users) expect(user.app_metadata).not.toHaveProperty('ssn');
  });

  test('a value that fitted no type comes back from where it was kept apart, as it was', async () => {
    await setIam(vault, configured());
    const user = await scrubbed('unfit', { ssn: 'unknown', national_id: 'n-3' });
    await setIam(vault, configured({ keep: KEEP }));
    const [result] = await restored(asked('unfit'));
    expect(result!.places).toEqual(['app_metadata.ssn', 'app_metadata.national_id']);
    await settled();
    expect(user.app_metadata).toMatchObject({ ssn: 'unknown', national_id: 'n-3' });
  });

  test('only where the hook keeps it, and only what the role may read in the clear', async () => {
    const user = await scrubbed('some', { ...stored, national_id: 'n-4' });
    const all = [
      'app_metadata.ssn',
      'app_metadata.national_id',
      'profile.email',
      'app_metadata.user_id',
      'elsewhere',
    ];
    const reasons = async (): Promise<unknown> => {
      const [{ places, left }] = (await restored(
        [{ subject: 'auth0|some', places: all }],
        '&dry_run=true',
      )) as [Result];
      return [places, Object.fromEntries(left.map(({ place, reason }) => [place, reason]))];
    };
    const nowhere = {
      'profile.email': 'no_place',
      'app_metadata.user_id': 'no_place',
      elsewhere: 'no_place',
    };
    await setIam(vault, configured({ keep: 'keep = ["app_metadata.ssn"]' }));
    expect(await reasons()).toEqual([
      ['app_metadata.ssn'],
      { ...nowhere, 'app_metadata.national_id': 'not_kept' },
    ]);
    await setIam(vault, configured({ keep: KEEP, policies: '"read_some"' }));
    expect(await reasons()).toEqual([
      ['app_metadata.ssn'],
      { ...nowhere, 'app_metadata.national_id': 'not_allowed' },
    ]);
    await setIam(vault, configured({ keep: KEEP, masks: 'masks = { "users/ssn" = "mask" }' }));
    expect(await reasons()).toEqual([
      ['app_metadata.national_id'],
      { ...nowhere, 'app_metadata.ssn': 'not_allowed' },
    ]);
    expect((await entriesOf(vault, 'restoreIdpUsers')).at(-1)).toMatchObject({
      rule: expect.stringMatching(/ dry-run$/),
    });
    expect((await vault.app.vault.writeBack.counts()).queued).toBe(0);

    // What the role may when the job runs counts, not what it might when it was asked for.
    await setIam(vault, configured({ keep: KEEP }));
    await heldUp(() => restored(asked('some')));
    await setIam(vault, configured({ keep: KEEP, policies: '"read_some"' }));
    await goOn();
    await settled();
    expect(user.app_metadata).toMatchObject({ ssn: '123-12-1234' });
    expect(user.app_metadata).not.toHaveProperty('national_id');
  });

  test.each([
    ['a role that is no longer the hook’s', { users: '' }],
    ['whoever was disabled', { more: ', disabled = true' }],
  ])('%s has nothing sent: the job fails in sight', async (_who, change) => {
    const user = await scrubbed('revoked', { ssn: '123-12-1234' });
    await heldUp(() => restored(asked('revoked')));
    await setIam(vault, configured({ keep: KEEP, ...change }));
    await goOn();
    await failedWith('PV1006');
    expect([user.app_metadata, sent()]).toEqual([
      expect.not.objectContaining({ ssn: expect.anything() }),
      [],
    ]);
    expect((await entriesOf(vault, 'restoreIdpUsers')).at(-1)).toMatchObject({
      ...{ user: 'idp-write-back', role: 'restore', outcome: 'denied', error_code: 'PV1006' },
    });
    await sql(vault, `delete from coatcheck_jobs.job where state = 'retry'`);
  });

  test('what somebody else wrote into the queue has nothing sent', async () => {
    const user = await scrubbed('forged', { ...stored, national_id: 'n-5' });
    await heldUp(() => restored([{ subject: 'auth0|forged', places: ['app_metadata.ssn'] }]));
    await sql(
      vault,
      `update coatcheck_jobs.job set data = jsonb_set(data, '{restore,places,1}', '"app_metadata.national_id"') where state = 'retry'`,
    );
    await goOn();
    await failedWith('PV9010');
    expect([user.app_metadata, sent()]).toEqual([
      expect.not.objectContaining({ national_id: expect.anything() }),
      [],
    ]);
    await sql(vault, `delete from coatcheck_jobs.job where state = 'retry'`);
  });

  test.each<[string, string, object, Record<string, unknown>, Record<string, unknown>]>([
    [
      'logto',
      'post-sign-in',
      {
        issuer: ISSUERS.logto,
        user: { id: 'l', customData: { ssn: '123-12-1234' }, profile: { birthdate: '1990-01-02' } },
      },
      { id: 'l', customData: { theme: 'dark' }, profile: { nickname: 'a', birthdate: '' } },
      {
        id: 'l',
        customData: { theme: 'dark', ssn: '123-12-1234' },
        profile: { nickname: 'a', birthdate: '1990-01-02' },
      },
    ],
    [
      'okta',
      'token',
      tokenEvent({ id: 'o', profile: { ssn: '123-12-1234' } }),
      { id: 'o', profile: { login: 'a@example.com', locale: 'en' } },
      { id: 'o', profile: { login: 'a@example.com', locale: 'en', ssn: '123-12-1234' } },
    ],
    [
      'entra',
      'token-issuance-start',
      tokenIssuanceStart({ id: 'e', companyName: 'Engines' }, { tenantId: DIRECTORY }),
      { id: 'e', displayName: 'Ada', companyName: null },
      { id: 'e', displayName: 'Ada', companyName: 'Engines' },
    ],
    [
      'frontegg',
      'jwt',
      jwtPrehook('f', { metadata: { ssn: '123-12-1234' } }),
      { id: 'f', metadata: '{"theme":"dark"}' },
      { id: 'f', metadata: '{"theme":"dark","ssn":"123-12-1234"}' },
    ],
  ])('at %s, in its own form, beside what is there', async (provider, event, json, before, after) => {
    const path = `/api/coatcheck/1.0/idp/${provider}/${event}/import`;
    const answer = await vault.send('POST', path, { json: [json], key: keys.importer });
    expect(answer.body.results).toMatchObject([{ outcome: 'created' }]);
    const user = structuredClone(before);
    apis[provider]!.users.set(before.id as string, user);
    for (let times = 0; times < 2; times++) {
      expect(await restored([{ subject: before.id }], '', provider)).toMatchObject([{ outcome: 'held' }]);
      await settled();
    }
    expect([user, sent(provider).length]).toEqual([after, 1]);
  });

  test('a user of Entra’s who comes from another directory is left alone', async () => {
    const user = { id: 'e', companyName: null, onPremisesSyncEnabled: true };
    apis.entra!.users.set('e', { ...user });
    await restored([{ subject: 'e' }], '', 'entra');
    await settled();
    expect([apis.entra!.users.get('e'), sent('entra')]).toEqual([user, []]);
  });

  test('nobody is an answer too, and a page of many has one result each, in its order', async () => {
    expect(await restored([])).toEqual([]);
    const names = Array.from({ length: 230 }, (_, i) => (i === 150 ? 'back' : `nobody ${i}`));
    const outcomes = (await restored(asked(...names), '&dry_run=true')).map(({ outcome }) => outcome);
    expect(outcomes.flatMap((outcome, i) => (outcome === 'unknown' ? [] : [[i, outcome]]))).toEqual([
      [150, 'held'],
    ]);
  });
});

describe('what is refused', () => {
  beforeAll(() => setIam(vault, configured({ keep: KEEP })));

  test('400: more users than a page may have, and a name that nobody can have', async () => {
    expect(refused(await send(Array.from({ length: 1_001 }, () => ({ subject: 'a' }))))).toBe('400 PV9007');
    expect(refused(await send([{ subject: 'a\u0000b' }]))).toBe('400 PV1012');
  });
  test('403: a key of a hook, and one that imports', async () => {
    for (const key of [keys.hook, keys.importer, keys.eraser, keys.reader])
      expect(refused(await send(asked('back'), '', { key }))).toBe('403 PV1007');
  });
  test('403: another issuer than the hook’s', async () => {
    const path = '/api/coatcheck/1.0/idp/auth0/hook/restore?issuer=other';
    const answer = await vault.send('POST', path, { json: asked('back'), key: keys.restorer });
    expect(refused(answer)).toBe('403 PV9088');
  });
  test('403: a role that may read nothing there; 404: a collection that is gone', async () => {
    await setIam(vault, configured({ keep: KEEP, policies: '"erase"' }));
    expect(refused(await send(asked('back')))).toBe('403 PV1006');
    const raw = 'short PERSONS ( ssn SSN NULL )';
    await vault.send('POST', '/ctl/collections', { raw, type: 'application/pvschema' });
    await setIam(vault, configured({ keep: `${KEEP}\ncollection = "short"` }).replace(MAP, ''));
    await vault.send('DELETE', '/ctl/collections/short');
    expect(refused(await send(asked('back')))).toBe('404 PV1004');
    await setIam(vault, configured({ keep: KEEP }));
  });
  test('404: a provider that is not known, that the vault cannot change users at, or not for this hook', async () => {
    expect(refused(await send([], '', { provider: 'nobody' }))).toBe('404 PV9086');
    expect(refused(await send([{ subject: 'a' }], '', { provider: 'oidc' }))).toBe('404 PV9116');
    await setIam(vault, configured({ keep: KEEP }).replace(/write_back = .*/, ''));
    expect(refused(await send(asked('back')))).toBe('404 PV9111');
    await setIam(vault, configured({ keep: KEEP }));
  });
  test('a role that holds anything else, or that the provider’s own tokens have, may not be a hook’s', async () => {
    const both = configured().replace('["CapIdpRestore"]', '["CapIdpRestore", "CapIdpHook"]');
    const answer = await vault.send('POST', '/ctl/iam/conf', { raw: both, type: 'application/toml' });
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('CapIdpRestore')]);
  });
});
