import { setIam } from '../../support/iam.js';
import { refused } from '../../support/steps.js';
import { type Answer, type TestVault, startVault } from '../../support/vault.js';
import { type Keys, LOGIN, behind, entriesOf, iam, loginOf, stored, withHook } from './support.js';

/* What providers tell of users after the fact: suspended, active again, changed; in any order, and more than once. */

const STREAM = '/api/coatcheck/1.0/idp/auth0/stream';
const NOTHING = { write: {}, scrub: [], warnings: [] };
const OIDC = `
[idp_hooks.other]
provider = "oidc"
issuer = "https://id.example"
users = ["hook", "eraser"]
[idp_hooks.pool]
provider = "cognito"
issuer = "eu-1"
users = ["hook", "eraser"]
[idp_hooks.logto]
provider = "logto"
issuer = "https://acme.logto.app/oidc"
users = ["hook", "eraser"]
`;
const IAM = iam().replace('policies = ["erase"]', 'policies = ["erase", "store"]') + OIDC;

let vault: TestVault;
let keys: Keys;

beforeAll(async () => {
  vault = await startVault();
  keys = await withHook(vault);
  await setIam(vault, IAM);
});
afterAll(() => vault.close());

const send = (path: string, json: unknown, key = keys.eraser): Promise<Answer> =>
  vault.send('POST', path.startsWith('/') ? path : `/api/coatcheck/1.0/idp/${path}`, { json, key });

async function login(...event: Parameters<typeof loginOf>): Promise<Answer['body']> {
  const answer = await send(LOGIN, loginOf(...event), keys.hook);
  expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
  return answer.body;
}

async function updated(user: string, second: number, object: object): Promise<Answer['body']> {
  const time = `2026-05-01T00:00:${String(second).padStart(2, '0')}Z`;
  const answer = await send(STREAM, {
    ...{ id: 'evt_1', specversion: '1.0', type: 'user.updated', time, a0tenant: 'acme' },
    data: { object: { user_id: `auth0|${user}`, updated_at: time, ...object } },
  });
  expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
  return answer.body;
}

describe('a suspension', () => {
  test('ends all tokens at once and makes none; the object stays, and values are still taken in', async () => {
    const profile = 'profile = { required = ["ssn"], claim = "https://shop.example/profile_complete" }';
    await setIam(vault, IAM.replace('issuer = "acme"', `issuer = "acme"\n${profile}`));
    const { write, token, ...first } = await login('blocked', { ssn: '123-12-1234' });
    expect(first.profile.complete).toBe(true);
    await updated('blocked', 1, { blocked: true });
    expect(await behind(vault, token)).toBeUndefined();
    const during = await login('blocked', { ...write, phone: '+12025550187' });
    expect(during).toEqual({ write: {}, scrub: ['app_metadata.phone'], warnings: [{ code: 'suspended' }] });
    expect(await stored(vault, write.pii_object_id)).toEqual({ ssn: '123-12-1234', phone: '+12025550187' });

    await updated('blocked', 2, { blocked: false });
    const after = await login('blocked', write);
    expect([await behind(vault, after.token), after.profile.complete]).toEqual([expect.anything(), true]);
    await setIam(vault, IAM);
  });

  test('that arrives after its end changes nothing, nor does one that arrives twice', async () => {
    const { token } = await login('late', { ssn: '123-12-1234' });
    await updated('late', 5, {});
    await updated('late', 4, { blocked: true });
    await updated('late', 5, { blocked: true });
    expect(await behind(vault, token)).toEqual({ ssn: '123-12-1234' });
    expect((await entriesOf(vault)).map(({ rule }) => rule)).toContain('allow:erase overtaken');
    await updated('late', 6, { blocked: true });
    await updated('late', 6, { blocked: true });
    expect((await login('late', {})).warnings).toEqual([{ code: 'suspended' }]);
  });

  test('of somebody unknown holds for the login that comes after it', async () => {
    await updated('unknown', 1, { blocked: true });
    const { token, warnings, write } = await login('unknown', { ssn: '123-12-1234' });
    expect([token, warnings]).toEqual([undefined, [{ code: 'suspended' }]]);
    expect(await stored(vault, write.pii_object_id)).toEqual({ ssn: '123-12-1234' });
    await updated('unknown', 2, {});
    expect(await behind(vault, (await login('unknown', {})).token)).toEqual({ ssn: '123-12-1234' });
  });

  test('and logins at the same moment leave no token behind', async () => {
    for (let round = 0; round < 8; round++) {
      const user = `racing ${round}`;
      const { write } = await login(user, { ssn: '123-12-1234' });
      const all = await Promise.all([
        ...Array.from({ length: 4 }, () => login(user, write)),
        updated(user, 1, { blocked: true }),
        ...Array.from({ length: 4 }, () => login(user, { ...write, phone: '+12025550187' })),
      ]);
      for (const { token } of all) if (token) expect(await behind(vault, token)).toBeUndefined();
      expect((await login(user, write)).token).toBeUndefined();
    }
  });

  test('of one of two linked identities ends the tokens of both and keeps only that one out', async () => {
    const { token } = await login('primary', { ssn: '123-12-1234' });
    const pair = { primary: { user_id: 'auth0|primary' }, secondary: { user_id: 'auth0|second' } };
    await send('auth0/link', { tenant: { id: 'acme' }, ...pair });
    await updated('second', 1, { blocked: true });
    expect(await behind(vault, token)).toBeUndefined();
    expect((await login('second', {})).warnings).toEqual([{ code: 'suspended' }]);
    expect(await behind(vault, (await login('primary', {})).token)).toEqual({ ssn: '123-12-1234' });
    await updated('primary', 1, { blocked: true });
    await updated('second', 2, {});
    expect((await login('second', {})).warnings).toEqual([{ code: 'suspended' }]);
  });

  test('needs the right to delete', async () => {
    await setIam(vault, IAM.replace('policies = ["erase", "store"]', 'policies = ["store"]'));
    expect(
      refused(await send('oidc/user-status', { iss: 'https://id.example', sub: 'x', suspended: true })),
    ).toBe('403 PV1006');
    await setIam(vault, IAM);
  });
});

describe('a user who was changed', () => {
  test('has values taken in that are new, and none that is older than what the vault has', async () => {
    const at = (second: number): { profile: object } => ({
      profile: { updated_at: `2026-05-01T00:00:0${second}Z` },
    });
    const { write, token } = await login('changed', { ssn: '123-12-1234' }, at(3));
    await updated('changed', 5, { app_metadata: { ssn: '123-12-5555', phone: '+12025550187' } });
    await updated('changed', 4, { app_metadata: { ssn: '123-12-4444', phone: '+12025550184' } });
    expect(await stored(vault, write.pii_object_id)).toEqual({ ssn: '123-12-5555', phone: '+12025550187' });
    // It is no login: no token is made, and none ends.
    expect(await behind(vault, token)).toEqual({ ssn: '123-12-1234' });
  });

  test('is no concern of a key that may store nothing', async () => {
    const { write } = await login('kept', { ssn: '123-12-1234' });
    await setIam(vault, iam());
    expect(await updated('kept', 5, { app_metadata: { ssn: '123-12-5555' } })).toEqual(NOTHING);
    await setIam(vault, IAM);
    expect(await stored(vault, write.pii_object_id)).toEqual({ ssn: '123-12-1234' });
  });

  test('is taken in by a key that may only store, which may not keep quiet about a suspension', async () => {
    const { write } = await login('stored', { ssn: '123-12-1234' });
    await setIam(vault, IAM.replace('policies = ["erase", "store"]', 'policies = ["store"]'));
    await updated('stored', 5, { app_metadata: { ssn: '123-12-5555' } });
    expect(await stored(vault, write.pii_object_id)).toEqual({ ssn: '123-12-5555' });
    const blocked = {
      a0tenant: 'acme',
      type: 'user.updated',
      data: { object: { user_id: 'auth0|stored', blocked: true } },
    };
    expect(refused(await send(STREAM, blocked))).toBe('403 PV1006');
    await setIam(vault, IAM);
  });
});

describe('the events of other providers', () => {
  const claims = (key: string, value: string): object => ({ claims: { [key]: value } });
  const user = { iss: 'https://id.example', sub: 'u-1' };

  test('OpenID: status, update, link and unlink', async () => {
    const log = async (sub: string, more: object = {}): Promise<Answer['body']> =>
      (await send('oidc/login', { ...user, sub, client_id: 'web', claims: {}, ...more }, keys.hook)).body;
    const { token, write } = await log('u-1', claims('ssn', '123-12-1234'));
    const status = (suspended: unknown): Promise<Answer> =>
      send('oidc/user-status', { ...user, suspended, time: new Date().toISOString() });
    expect((await status(true)).status).toBe(200);
    expect(await behind(vault, token)).toBeUndefined();
    expect((await status('yes')).body.context.field).toBe('suspended');
    expect((await status(false)).status).toBe(200);
    const long = { ...user, sub: 'long ago', suspended: true, time: '-200000-01-01T00:00:00Z' };
    expect((await send('oidc/user-status', long)).status).toBe(200);
    expect((await log('long ago')).warnings).toEqual([{ code: 'suspended' }]);
    const change = { ...user, ...claims('phone', '+12025550187'), time: new Date().toISOString() };
    expect((await send('oidc/user-updated', change)).body).toMatchObject({ warnings: [] });

    const pair = { iss: user.iss, primary: { sub: 'u-1' }, secondary: { sub: 'u-2' } };
    expect((await send('oidc/link', pair)).body).toEqual(NOTHING);
    expect((await log('u-2')).write).toEqual(write);
    expect((await send('oidc/unlink', { ...pair, primary: undefined })).body).toEqual(NOTHING);
    expect(await log('u-2')).toEqual(NOTHING);
    expect(await behind(vault, (await log('u-1')).token)).toEqual({
      ssn: '123-12-1234',
      phone: '+12025550187',
    });
  });

  test('Cognito: status and link, by `sub`', async () => {
    const logIn = async (sub: string, more: object): Promise<Answer['body']> => {
      const request = { userAttributes: { sub, ...more } };
      const event = { userPoolId: 'eu-1', callerContext: { clientId: 'web' }, request };
      return (await send('cognito/pre-token-generation', event, keys.hook)).body;
    };
    const { token } = await logIn('c-1', { 'custom:ssn': '123-12-1234' });
    const pair = { userPoolId: 'eu-1', primary: { sub: 'c-1' }, secondary: { sub: 'c-2' } };
    expect((await send('cognito/link', pair)).body).toEqual(NOTHING);
    expect(await behind(vault, (await logIn('c-2', {})).token)).toEqual({ ssn: '123-12-1234' });
    expect((await send('cognito/unlink', pair)).body).toEqual(NOTHING);
    expect((await logIn('c-2', {})).token).toBeUndefined();
    const status = { userPoolId: 'eu-1', sub: 'c-1', suspended: true };
    expect((await send('cognito/user-status', status)).status).toBe(200);
    expect(await behind(vault, token)).toBeUndefined();
    expect((await logIn('c-1', {})).warnings).toEqual([{ code: 'suspended' }]);
  });

  test('Logto: webhooks of a suspension and of a change, link and unlink', async () => {
    // A webhook does not say the tenant: the key must speak for one hook of Logto's alone.
    const hooked = (event: string, second: number, data: object): Promise<Answer> =>
      send('logto/webhook', {
        ...{ event, createdAt: `2026-05-01T00:00:0${second}.000Z`, hookId: 'h' },
        data: { id: 'l-1', ...data },
      });
    const issuer = 'https://acme.logto.app/oidc';
    const logIn = async (id: string, customData: object): Promise<Answer['body']> =>
      (
        await send(
          'logto/custom-jwt',
          { issuer, user: { id, customData }, token: { clientId: 'web' } },
          keys.hook,
        )
      ).body;
    const { token, write } = await logIn('l-1', { ssn: '123-12-1234' });
    await hooked('User.SuspensionStatus.Updated', 1, { isSuspended: true });
    expect(await behind(vault, token)).toBeUndefined();
    expect((await logIn('l-1', {})).warnings).toEqual([{ code: 'suspended' }]);
    await hooked('User.SuspensionStatus.Updated', 2, { isSuspended: false });
    await hooked('User.Data.Updated', 3, { isSuspended: false, customData: { phone: '+12025550187' } });
    expect(await behind(vault, (await logIn('l-1', {})).token)).toHaveProperty('phone');
    const registered = { id: 'l-3', customData: { ssn: '123-12-1234' } };
    await send('logto/webhook', { event: 'PostRegister', user: registered });
    expect(await behind(vault, (await logIn('l-3', {})).token)).toEqual({ ssn: '123-12-1234' });
    const pair = { issuer, primary: { id: 'l-1' }, secondary: { id: 'l-2' } };
    await send('logto/link', pair);
    expect((await logIn('l-2', {})).write).toEqual(write);
    await send('logto/unlink', pair);
    expect((await logIn('l-2', {})).token).toBeUndefined();
  });
});
