import { readFileSync } from 'node:fs';
import path from 'node:path';
import { deleteErased } from '../../../src/operations/idp/delete-erased.js';
import { createOidcHook } from '../../../src/idp/bundles/oidc.js';
import type { CustomJwt } from '../../../src/idp/bundles/logto-types.js';
import { collecting, loadAction, loadWorker } from '../../idp/sandbox.js';
import { addCollection, refused, sql } from '../../support/steps.js';
import { setIam } from '../../support/iam.js';
import { type Answer, type TestVault, startVault } from '../../support/vault.js';
import { DELETED, type Keys, LOGIN, behind, entriesOf, iam, loginOf, stored, withHook } from './support.js';

/* What users are in organizations: apart from what they are anywhere, and from what they are in others (docs/adr/0065). */

const STREAM = '/api/coatcheck/1.0/idp/auth0/stream';
/** The guide, followed. */
const guide = readFileSync(path.resolve(import.meta.dirname, '../../../docs/idp/organizations.md'), 'utf8');
const block = (language: string): string =>
  new RegExp('```' + language + '\\n([\\s\\S]*?)```').exec(guide)![1]!;
const SCHEMA = block('pvschema');
const ORGANIZATIONS = block('toml').replace('idp_hooks.auth0', 'idp_hooks.shop');
const OIDC = `
[idp_hooks.other]
provider = "oidc"
issuer = "https://id.example"
users = ["hook", "eraser"]
claim = "pii"
[idp_hooks.other.organizations]
collection = "user_orgs"
id_claim = "org_id"
map = { "claims.badge" = "badge" }
[idp_hooks.logto]
provider = "logto"
issuer = "https://acme.logto.app/oidc"
users = ["hook", "eraser"]
[idp_hooks.logto.organizations]
collection = "user_orgs"
map = { "customData.badge" = "badge" }
`;
const HOOK = 'map = { "app_metadata.national_id" = "user_id" }\n';

/** The policies of the hook are for both collections. */
const withOrganizations = (more = ORGANIZATIONS): string =>
  iam(HOOK + more).replaceAll('"users/properties/*"', '"users/properties/*", "user_orgs/properties/*"');
const IAM = withOrganizations() + OIDC;

let vault: TestVault;
let keys: Keys;

beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault, SCHEMA);
  keys = await withHook(vault);
  await setIam(vault, IAM);
});
afterAll(() => vault.close());

const send = (to: string, json: unknown, key = keys.hook): Promise<Answer> =>
  vault.send('POST', to.startsWith('/') ? to : `/api/coatcheck/1.0/idp/${to}`, { json, key });

async function told(to: string, json: unknown, key = keys.eraser): Promise<Answer['body']> {
  const answer = await send(to, json, key);
  expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
  return answer.body;
}

const login = (user: string, org: string | null, metadata: object, more = {}): Promise<Answer['body']> =>
  told(
    LOGIN,
    loginOf(user, metadata, { ...(org !== null && { organization: { id: org } }), ...more }),
    keys.hook,
  );

/** What the vault holds under the token of an organization's claim. */
async function inOrganization({ organization }: Answer['body']): Promise<unknown> {
  const tokens = `/data/collections/user_orgs/tokens?token_ids=${String(organization?.token)}`;
  return (await vault.send('GET', tokens)).body[0]?.fields as unknown;
}

async function membersNow(): Promise<number> {
  return (await vault.send('GET', '/data/collections/user_orgs/count/objects')).body.active;
}

const leaves = (user: string, org: string, time?: string): Promise<Answer['body']> =>
  told(STREAM, {
    ...{ type: 'organization.member.deleted', a0tenant: 'acme', ...(time && { time }) },
    data: { object: { user: { user_id: `auth0|${user}` }, organization: { id: org } } },
  });

describe('a login to an organization', () => {
  test('stores what is of the user and what is of the organization apart, and gets a token of each', async () => {
    const first = await login('ada', 'org_a', { ssn: '123-12-1234', badge: 'A-1' });
    expect(first).toEqual({
      write: { pii_object_id: expect.any(String) },
      scrub: ['app_metadata.ssn', 'app_metadata.badge'],
      token: expect.any(String),
      organization: { token: expect.any(String), claim: 'https://shop.example/pii_org_token' },
      warnings: [],
    });
    expect(await behind(vault, first.token)).toEqual({ ssn: '123-12-1234' });
    expect(await inOrganization(first)).toEqual({ badge: 'A-1' });
    expect(await stored(vault, first.write.pii_object_id)).toEqual({ ssn: '123-12-1234' });
    const named = (await entriesOf(vault)).slice(-2).map(({ collection }) => collection);
    expect(named).toEqual(['users', 'user_orgs']);
  });

  test('touches nothing of another: first to A, then to B, then to A again', async () => {
    const a = await login('bob', 'org_a', { ssn: '123-12-1234', badge: 'B-a' });
    const b = await login('bob', 'org_b', { ...a.write, badge: 'B-b', desk_phone: '+12025550187' });
    expect(b.write).toEqual({});
    expect(await inOrganization(b)).toEqual({ badge: 'B-b', desk_phone: '+12025550187' });
    const again = await login('bob', 'org_a', a.write);
    expect([again.scrub, await inOrganization(again)]).toEqual([[], { badge: 'B-a' }]);
    const none = await login('bob', null, { ...a.write, badge: 'nobody knows whose' });
    expect([none.scrub, none.organization, none.warnings]).toEqual([[], undefined, []]);
    expect(await inOrganization(await login('bob', 'org_b', {}))).toHaveProperty('badge', 'B-b');
  });

  test('that is sent again, or many times at once, makes one object and one token', async () => {
    const before = await membersNow();
    const event = loginOf(
      'cleo',
      { badge: 'C-1' },
      { organization: { id: 'org_a' }, transaction: { id: 'tx' } },
    );
    const all = await Promise.all(Array.from({ length: 6 }, () => told(LOGIN, event, keys.hook)));
    expect(new Set(all.map(({ organization }) => organization.token)).size).toBe(1);
    expect(await membersNow()).toBe(before + 1);
    // There is nothing of the user alone, who has no token for it.
    expect(all[0].token).toBeUndefined();
  });

  test('stores what the role may, leaves what another has, and says so', async () => {
    await login('dan', 'org_a', { badge: 'D-1' });
    const taken = await login('eve', 'org_a', { badge: 'D-1', desk_phone: 'not a phone' });
    expect([taken.scrub, taken.organization]).toEqual([[], undefined]);
    expect(taken.warnings).toContainEqual({ code: 'quarantined', name: 'app_metadata.desk_phone' });
    await setIam(vault, IAM.replaceAll(', "user_orgs/properties/*"', ''));
    const refusedOne = await login('fay', 'org_a', { ssn: '123-12-1234', badge: 'F-1' });
    expect([refusedOne.scrub, refusedOne.organization]).toEqual([['app_metadata.ssn'], undefined]);
    expect(refusedOne.warnings).toEqual([{ code: 'not_allowed', name: 'app_metadata.badge' }]);
    await setIam(vault, IAM);
  });

  test('gets of each what the lists of its client say', async () => {
    const lists = `${ORGANIZATIONS}[idp_hooks.shop.organizations.clients]
web = ["badge"]
[idp_hooks.shop.clients]
web = ["user_id"]
crm = ["ssn"]
`;
    await setIam(vault, withOrganizations(lists));
    const values = {
      national_id: '45860945864',
      ssn: '123-12-1234',
      badge: 'G-1',
      desk_phone: '+12025550187',
    };
    const web = await login('gus', 'org_a', values);
    expect([await behind(vault, web.token), await inOrganization(web)]).toEqual([
      { user_id: '45860945864' },
      { badge: 'G-1' },
    ]);
    const crm = await login('gus', 'org_a', {}, { client_id: 'crm' });
    expect([await behind(vault, crm.token), crm.organization]).toEqual([{ ssn: '123-12-1234' }, undefined]);
    await setIam(vault, IAM);
  });

  test('is known by a claim of the user where the hook says which, and by none or several to nobody', async () => {
    const oidc = (claims: object, more = {}): Promise<Answer['body']> =>
      told(
        'oidc/login',
        { iss: 'https://id.example', sub: 'hal', client_id: 'web', claims, ...more },
        keys.hook,
      );
    const one = await oidc({ org_id: 'acme', badge: 'H-1' });
    expect([one.scrub, await inOrganization(one)]).toEqual([['claims.badge'], { badge: 'H-1' }]);
    expect(await inOrganization(await oidc({ org_id: ['acme'] }))).toEqual({ badge: 'H-1' });
    expect(await inOrganization(await oidc({}, { organization: { id: 'acme' } }))).toEqual({ badge: 'H-1' });
    for (const org_id of [undefined, [], ['acme', 'other'], 7, ''])
      expect(
        (await oidc({ ...(org_id !== undefined && { org_id }), badge: 'H-1' })).organization,
      ).toBeUndefined();
    expect(
      refused(
        await send('oidc/login', { iss: 'https://id.example', sub: 'hal', claims: { org_id: 'a\u0001b' } }),
      ),
    ).toBe('400 PV9087');
  });
});

describe('leaving an organization', () => {
  test('ends what the user was there and nothing else; who comes back has a new object', async () => {
    const a = await login('ida', 'org_a', { ssn: '123-12-1234', badge: 'I-a' });
    const b = await login('ida', 'org_b', { badge: 'I-b' });
    const before = await membersNow();
    await leaves('ida', 'org_a', '2026-05-01T00:00:00Z');
    expect([await inOrganization(a), await membersNow()]).toEqual([undefined, before - 1]);
    expect([await behind(vault, a.token), await inOrganization(b)]).toEqual([
      { ssn: '123-12-1234' },
      { badge: 'I-b' },
    ]);
    // A login that was under way stores nothing, and loses nothing.
    const late = await login('ida', 'org_a', { badge: 'I-a' });
    expect([late.scrub, late.organization, late.warnings]).toEqual([[], undefined, [{ code: 'archived' }]]);

    await sql(
      vault,
      `update idp_subject set unlinked_at = now() - interval '11 minutes' where unlinked_at is not null`,
    );
    const back = await login('ida', 'org_a', { badge: 'I-2' });
    expect(await inOrganization(back)).toEqual({ badge: 'I-2' });
    // What is told once more is of before.
    await leaves('ida', 'org_a', '2026-05-01T00:00:00Z');
    expect(await inOrganization(back)).toEqual({ badge: 'I-2' });
  });

  test('is noted of somebody unknown, and no concern of a hook without organizations', async () => {
    await leaves('jon', 'org_a');
    expect((await login('jon', 'org_a', { badge: 'J-1' })).organization).toBeUndefined();
    expect(await inOrganization(await login('jon', 'org_b', { badge: 'J-1' }))).toEqual({ badge: 'J-1' });
    await setIam(vault, iam(HOOK));
    await leaves('jon', 'org_b');
    await setIam(vault, IAM);
    expect(await inOrganization(await login('jon', 'org_b', {}))).toEqual({ badge: 'J-1' });
  });

  test('needs the right to delete there, and counts as an erasure', async () => {
    await login('kim', 'org_a', { badge: 'K-1' });
    const left = { iss: 'https://id.example', sub: 'kim', organization: { id: 'org_a' } };
    await setIam(vault, IAM.replaceAll(', "user_orgs/properties/*"', ''));
    expect(refused(await send('oidc/organization-left', left, keys.eraser))).toBe('403 PV1006');
    await setIam(vault, withOrganizations(`erasures_per_hour = 1\n${ORGANIZATIONS}`));
    const event = (org: string): object => ({
      ...{ type: 'organization.member.deleted', a0tenant: 'acme' },
      data: { object: { user: { user_id: 'auth0|kim' }, organization: { id: org } } },
    });
    // Somebody left within the hour already.
    expect(refused(await send(STREAM, event('org_a'), keys.eraser))).toBe('429 PV9089');
    await setIam(vault, IAM);
    expect(await inOrganization(await login('kim', 'org_a', {}))).toEqual({ badge: 'K-1' });
  });
});

describe('what happens to the user happens to all of it', () => {
  test('a deletion archives it, deletes its tokens, and nothing is made again', async () => {
    const a = await login('lea', 'org_a', { ssn: '123-12-1234', badge: 'L-a' });
    const b = await login('lea', 'org_b', { badge: 'L-b' });
    const before = await membersNow();
    await told(DELETED, { tenant: { id: 'acme' }, user: { user_id: 'auth0|lea' } });
    expect([await inOrganization(a), await inOrganization(b)]).toEqual([undefined, undefined]);
    expect(await membersNow()).toBe(before - 2);
    for (const org of ['org_a', 'org_c']) {
      const after = await login('lea', org, { badge: 'L-3' });
      expect([after.scrub, after.organization, after.token]).toEqual([
        ['app_metadata.badge'],
        undefined,
        undefined,
      ]);
    }
    await deleteErased(vault.app.vault, new Date(Date.now() + 8 * 24 * 3600 * 1000));
    const [due] = await sql(
      vault,
      'select count(*)::int as count from idp_subject where delete_at is not null',
    );
    expect(due).toEqual({ count: 0 });
  });

  test('a deletion of which the role may not do all is refused as a whole', async () => {
    const { token } = await login('mia', 'org_a', { ssn: '123-12-1234', badge: 'M-1' });
    await setIam(vault, IAM.replaceAll(', "user_orgs/properties/*"', ''));
    const deleted = { tenant: { id: 'acme' }, user: { user_id: 'auth0|mia' } };
    expect(refused(await send(DELETED, deleted, keys.eraser))).toBe('403 PV1006');
    await setIam(vault, IAM);
    expect(await behind(vault, token)).toEqual({ ssn: '123-12-1234' });
  });

  test('a suspension ends all tokens and makes none until it is lifted', async () => {
    const blocked = (second: number, is: boolean): Promise<Answer['body']> =>
      told(STREAM, {
        ...{ type: 'user.updated', a0tenant: 'acme', time: `2026-05-01T00:00:0${second}Z` },
        data: { object: { user_id: 'auth0|ned', blocked: is } },
      });
    const a = await login('ned', 'org_a', { badge: 'N-1' });
    await blocked(1, true);
    expect(await inOrganization(a)).toBeUndefined();
    const during = await login('ned', 'org_a', { desk_phone: '+12025550187' });
    expect(during).toEqual({
      write: {},
      scrub: ['app_metadata.desk_phone'],
      warnings: [{ code: 'suspended' }],
    });
    await blocked(2, false);
    expect(await inOrganization(await login('ned', 'org_a', {}))).toEqual({
      badge: 'N-1',
      desk_phone: '+12025550187',
    });
  });

  test('and whatever comes at the same moment leaves no token and no object behind', async () => {
    for (let round = 0; round < 4; round++) {
      const user = `racing ${round}`;
      await login(user, 'org_a', { badge: `R-${round}` });
      const before = await membersNow();
      const answers = await Promise.all([
        ...Array.from({ length: 3 }, () => login(user, 'org_a', { desk_phone: '+12025550187' })),
        told(DELETED, { tenant: { id: 'acme' }, user: { user_id: `auth0|${user}` } }),
        ...Array.from({ length: 3 }, (_, n) => login(user, `org_${n}`, { badge: `R-${round}-${n}` })),
      ]);
      for (const answer of answers)
        if (answer.organization) expect(await inOrganization(answer)).toBeUndefined();
      expect(await membersNow()).toBe(before - 1);
    }
  });

  test('each of two linked identities has its own, and a deletion of the person ends both', async () => {
    await login('una', 'org_a', { ssn: '123-12-1234' });
    const link = {
      tenant: { id: 'acme' },
      primary: { user_id: 'auth0|una' },
      secondary: { user_id: 'auth0|ula' },
    };
    await told('auth0/link', link);
    await told('auth0/link', { ...link, secondary: { user_id: 'auth0|uma' } });
    const [own, second, third] = [
      await login('una', 'org_a', { badge: 'U-1' }),
      await login('ula', 'org_a', { badge: 'U-2' }),
      await login('uma', 'org_a', { badge: 'U-3' }),
    ];
    expect(await behind(vault, second.token)).toEqual({ ssn: '123-12-1234' });
    const deleted = (user: string): Promise<Answer['body']> =>
      told(DELETED, { tenant: { id: 'acme' }, user: { user_id: `auth0|${user}` } });
    await deleted('ula');
    expect([await inOrganization(own), await inOrganization(second), await inOrganization(third)]).toEqual([
      { badge: 'U-1' },
      undefined,
      { badge: 'U-3' },
    ]);
    await deleted('una');
    expect([await inOrganization(own), await inOrganization(third)]).toEqual([undefined, undefined]);
    expect((await login('uma', 'org_b', { badge: 'U-4' })).organization).toBeUndefined();
  });

  test('an object that was deleted in the vault ends the tokens of organizations, too', async () => {
    const { write } = await login('olga', 'org_a', { ssn: '123-12-1234', badge: 'O-1' });
    await vault.send('DELETE', `/data/collections/users/objects/${write.pii_object_id}`);
    expect((await login('olga', 'org_a', write)).organization).toBeUndefined();
  });
});

describe('the hooks', () => {
  const settings = (): Record<string, string> => ({
    COATCHECK_URL: vault.url,
    COATCHECK_API_KEY: keys.hook,
    COATCHECK_CLAIM: 'https://shop.example/pii_token',
  });

  test("Auth0's Action sets both claims, and removes what went to the organization", async () => {
    const { api, done } = collecting();
    const { action, said } = loadAction();
    const event = {
      user: { user_id: 'auth0|pam', app_metadata: { ssn: '123-12-1234', badge: 'P-1' }, user_metadata: {} },
      ...{ client: { client_id: 'web' }, tenant: { id: 'acme' }, transaction: { id: 'p', protocol: 'oidc' } },
      organization: { id: 'org_a', name: 'a', metadata: { secret: 'of the organization' } },
      secrets: settings(),
    };
    await action(event, api);
    expect([said, done.app]).toEqual([[], { pii_object_id: expect.any(String), ssn: null, badge: null }]);
    const { 'https://shop.example/pii_token': own, 'https://shop.example/pii_org_token': token } =
      done.claims;
    expect([await behind(vault, own), await inOrganization({ organization: { token } })]).toEqual([
      { ssn: '123-12-1234' },
      { badge: 'P-1' },
    ]);
  });

  test("Logto's script and a function of an OpenID provider do, too", async () => {
    const { run } = loadWorker<(given: CustomJwt) => Promise<Record<string, string>>>(
      'logto-custom-jwt.js',
      'getCustomJwtClaims',
    );
    const user = { id: 'quin', customData: { ssn: '123-12-1234', badge: 'Q-1' } };
    const made = await run({
      token: { clientId: 'web', jti: 'q' },
      context: { user, organization: { id: 'org_a' } },
      environmentVariables: {
        ...settings(),
        LOGTO_ISSUER: 'https://acme.logto.app/oidc',
        COATCHECK_ORG_CLAIM: 'org',
      },
      api: {
        denyAccess: (message): never => {
          throw new Error(message);
        },
      },
    });
    expect(Object.keys(made).toSorted()).toEqual(['https://shop.example/pii_token', 'org']);
    expect(await inOrganization({ organization: { token: made.org } })).toEqual({ badge: 'Q-1' });

    const saved: object[] = [];
    const hook = createOidcHook({
      ...{ settings: settings(), issuer: 'https://id.example' },
      load: async () => ({ claims: { badge: 'R-1' }, organization: 'org_a' }),
      save: async (_, change) => void saved.push(change),
    });
    const claims = await hook.extraTokenClaims(
      {},
      { kind: 'AccessToken', accountId: 'ron', clientId: 'web' },
    );
    expect([saved, Object.keys(claims!)]).toEqual([[{ remove: ['badge'] }], ['pii_org_token']]);
    expect(await inOrganization({ organization: { token: claims!.pii_org_token } })).toEqual({
      badge: 'R-1',
    });
  });

  test("Logto's webhook names who left, each of them, or in the path", async () => {
    const issuer = 'https://acme.logto.app/oidc';
    const jwt = (id: string, badge?: string): Promise<Answer['body']> =>
      told(
        'logto/custom-jwt',
        {
          ...{ issuer, user: { id, customData: badge === undefined ? {} : { badge } } },
          ...{ token: { clientId: 'web' }, organization: { id: 'org_l' } },
        },
        keys.hook,
      );
    const made = [await jwt('l1', 'l-1'), await jwt('l2', 'l-2'), await jwt('l3', 'l-3')];
    const webhook = { event: 'Organization.Membership.Updated', organizationId: 'org_l' };
    await told('logto/webhook', { ...webhook, addedUserIds: ['l3'], removedUserIds: [] });
    await told('logto/webhook', { ...webhook, removedUserIds: ['l1', 'l2'] });
    await told('logto/webhook', { ...webhook, method: 'PUT', params: { userId: 'l3' } });
    expect(await Promise.all(made.map(inOrganization))).toEqual([undefined, undefined, { badge: 'l-3' }]);
    await told('logto/webhook', { ...webhook, method: 'DELETE', params: { userId: 'l3' } });
    expect(await inOrganization(made[2])).toBeUndefined();
    expect(refused(await send('logto/webhook', { ...webhook, removedUserIds: [7] }, keys.eraser))).toBe(
      '400 PV9087',
    );
  });

  test('the description of a hook shows what it does with organizations', async () => {
    const hook = '/api/coatcheck/1.0/idp/oidc/hook?issuer=https%3A%2F%2Fid.example';
    const { body } = await vault.send('GET', hook, { key: keys.hook });
    expect([body.organizations, body.ignore]).toEqual([
      { collection: 'user_orgs', map: { 'claims.badge': 'badge' }, id_claim: 'org_id' },
      ['claims.badge', 'claims.org_id'],
    ]);
  });
});

test('no entry of the log and no line of the vault has a value', async () => {
  const said = JSON.stringify(await entriesOf(vault)) + vault.logged();
  for (const value of ['A-1', '12025550187', 'L-3', 'org_a']) expect(said).not.toContain(value);
});
