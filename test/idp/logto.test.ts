import { spawnSync } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import path from 'node:path';
import type {
  CustomJwt,
  PostFirstFactor,
  PostFirstFactorResult,
  LogtoUser,
  PostSignIn,
  PostSignInResult,
} from '../../src/idp/bundles/logto-types.js';
import { behind, entriesOf, iam, objectsNow, stored, withHook } from '../operations/idp/support.js';
import { keyOf, setIam } from '../support/iam.js';
import { refusal, refused } from '../support/steps.js';
import { type Answer, type TestVault, startVault } from '../support/vault.js';
import { bundle, loadWorker } from './sandbox.js';
import { close, listening } from './servers.js';

/*
 * Logto's scripts as the build made them, called as Logto's worker calls them. Its user is a model: custom data is merged, the profile replaced. Logto's own guards judge what the scripts are told and what
 * they answer.
 */

const ISSUER = 'https://acme.logto.example/oidc';
const CLAIM = 'https://shop.example/pii_token';
const HOOK = `
[users.logto]
role = "login"
[idp_hooks.logto]
provider = "logto"
issuer = "${ISSUER}"
users = ["logto", "eraser"]
map = { "customData.national_id" = "user_id" }
`;

/** What Logto would tell scripts and what they answered, by the guard of Logto's that it must pass. */
const toJudge: [guard: string, value: unknown][] = [];
let vault: TestVault;
let environmentVariables: Record<string, string>;
let eraser: string;

beforeAll(async () => {
  vault = await startVault();
  await withHook(vault);
  await setIam(vault, iam() + HOOK);
  eraser = await keyOf(vault, 'eraser');
  environmentVariables = {
    COATCHECK_URL: vault.url,
    COATCHECK_API_KEY: await keyOf(vault, 'logto'),
    COATCHECK_CLAIM: CLAIM,
    LOGTO_ISSUER: ISSUER,
  };
});
afterAll(() => vault.close());

/** A user as Logto tells scripts of them; what the vault has nothing to do with included. */
function userWith(customData: object, more: object = {}): LogtoUser {
  return {
    ...{ id: randomUUID().slice(0, 12), username: 'ada', primaryEmail: null, primaryPhone: null, name: null },
    ...{ avatar: null, customData: { ...customData }, profile: {}, identities: {}, ssoIdentities: [] },
    ...{ cimdClientId: null, organizationRoles: [] },
    ...{ roles: [], organizations: [], createdAt: 1_700_000_000_000, updatedAt: 1_700_000_000_000 },
    ...{
      isSuspended: false,
      hasPassword: true,
      applicationId: null,
      lastSignInAt: null,
      mfaVerificationFactors: [],
    },
    ...more,
  };
}

type RunAction = (given: PostSignIn) => Promise<PostSignInResult>;
type Customize = (given: CustomJwt) => Promise<Record<string, string>>;
type More = Record<string, string>;

async function signIn(
  user: LogtoUser,
  more: More = {},
): Promise<{ result: PostSignInResult; said: string[] }> {
  const { run, said } = loadWorker<RunAction>('logto-post-sign-in.js', 'runAction');
  const event = { key: 'action.postSignIn', interactionEvent: 'SignIn', user };
  toJudge.push(['jwtCustomizerUserContextGuard', user]);
  const result = await run({ event, environmentVariables: { ...environmentVariables, ...more } });
  if (result !== undefined) toJudge.push(['postSignInResultGuard', result]);
  return { result: structuredClone(result), said };
}

/** The user as Logto has them afterwards. */
function changed(user: LogtoUser, result: PostSignInResult): LogtoUser {
  if (result === undefined) return user;
  const { customData = {}, ...rest } = result.user;
  return { ...user, ...rest, customData: { ...user.customData, ...customData } };
}

class Denied extends Error {}

async function claims(
  user: LogtoUser | undefined,
  {
    more = {},
    gty = 'authorization_code',
    clientId = 'web',
    jti = randomUUID(),
  }: { more?: More; gty?: string; clientId?: string; jti?: string } = {},
): Promise<{ claims: Record<string, string>; said: string[] }> {
  const { run, said } = loadWorker<Customize>('logto-custom-jwt.js', 'getCustomJwtClaims');
  const result = await run({
    token: { ...{ jti, clientId, gty, kind: 'AccessToken', accountId: user?.id, grantId: 'g', aud: 'api' } },
    ...(user && { context: { user } }),
    environmentVariables: { ...environmentVariables, ...more },
    api: {
      denyAccess: (message) => {
        throw new Denied(message);
      },
    },
  });
  return { claims: structuredClone(result), said };
}

describe('the files', () => {
  test.each(['logto-post-first-factor.js', 'logto-post-sign-in.js', 'logto-custom-jwt.js'])(
    '%s is at most 100 kB, is no module, needs none, and holds no key',
    (name) => {
      const text = bundle(name);
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(100_000);
      expect(text).not.toMatch(/\brequire\(|^\s*(import|export)\s|process\.|Buffer\b/m);
      expect(text).not.toMatch(/pv_live_|eval\(|new Function/);
    },
  );
});

describe('a sign-in', () => {
  test('stores, and has Logto keep the object id in place of what was taken; the next token is of it', async () => {
    const user = userWith(
      { ssn: '612-58-3947', national_id: 'l-1', theme: 'dark' },
      {
        ...{ primaryEmail: 'Ada@EXAMPLE.com', primaryPhone: '12025550187', name: 'Ada' },
        profile: { birthdate: '1970-12-31', nickname: 'ada' },
      },
    );
    const { result, said } = await signIn(user);
    expect(result).toEqual({
      action: 'updateUser',
      user: {
        customData: { ssn: null, national_id: null, pii_object_id: expect.any(String) },
        profile: { birthdate: '', nickname: 'ada' },
      },
    });
    expect(said).toEqual([]);
    const after = changed(user, result);
    const values = {
      ...{ ssn: '612-58-3947', user_id: 'l-1', birth_date: '1970-12-31' },
      ...{ email: 'Ada@example.com', phone: '+12025550187' },
    };
    expect(await stored(vault, String(after.customData!.pii_object_id))).toEqual(values);

    const before = await objectsNow(vault);
    const made = await claims(after);
    expect(Object.keys(made.claims)).toEqual([CLAIM]);
    expect(await behind(vault, made.claims[CLAIM])).toEqual(values);
    expect((await signIn(after)).result).toBeUndefined();
    expect(await stored(vault, String(after.customData!.pii_object_id))).toEqual(values);
    expect(await objectsNow(vault)).toBe(before);
  });

  test('first ones at the same time make one object', async () => {
    const user = userWith({ ssn: '612-58-3947' });
    const before = await objectsNow(vault);
    await Promise.all([signIn(user), signIn(user), claims(user)]);
    expect(await objectsNow(vault)).toBe(before + 1);
  });

  test('credentials are not even told', async () => {
    let told = '';
    const server = createServer((request, response) => {
      request.on('data', (chunk: Buffer) => (told += chunk.toString()));
      request.on('end', () =>
        response.end('{"write":{},"scrub":["customData.roles","user.id"],"warnings":[]}'),
      );
    });
    const url = await listening(server);
    const identities = { google: { userId: '1', details: { token: 'hunter2' } } };
    const user = userWith(
      { ssn: '1', password: 'hunter2' },
      { identities, roles: [{ id: 'r', name: 'hunter2', description: 'a role', scopes: [] }] },
    );
    // What the answer names that is not there is not touched.
    expect((await signIn(user, { COATCHECK_URL: url })).result).toBeUndefined();
    expect(told).toContain('"ssn":"1"');
    expect(told).not.toContain('hunter2');
    await close(server);
  });

  test('with the vault away changes nothing and goes on, or fails where the operator wants that', async () => {
    const user = userWith({ ssn: '612-58-3947' });
    const wrong: More[] = [
      { COATCHECK_URL: 'http://127.0.0.1:1' },
      { COATCHECK_URL: '' },
      { COATCHECK_API_KEY: 'pv_live_nothing' },
      { LOGTO_ISSUER: 'https://other.example' },
    ];
    for (const more of wrong) {
      const { result, said } = await signIn(user, more);
      expect([result, said.length, said[0]!.includes('612')]).toEqual([undefined, 1, false]);
      const closed = { ...more, COATCHECK_ON_ERROR: 'deny' };
      await expect(signIn(user, closed)).rejects.toThrow(/^pii_vault_unavailable$/);
    }
  });
});

describe('a password that Logto does not know', () => {
  const PEOPLE = new Map<string, object>([
    ['ada@example.com', { email: 'ada@example.com', email_verified: true, birthdate: '1970-12-31' }],
    [
      'alan',
      { username: 'not a name', phone_number: '+1 (202) 555-0187', phone_verified: 'true', name: 'Alan' },
    ],
    ['grace', { email: 'grace@example.com', given_name: 'Grace', theme: 'dark' }],
  ]);
  let asked: Record<string, string>[];
  let legacy: string;
  let stop: () => Promise<unknown>;
  let ids: string;
  beforeAll(async () => {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const question = JSON.parse(Buffer.concat(chunks).toString()) as { login: string; password: string };
        asked.push(question);
        const person = question.password === 'right' ? PEOPLE.get(question.login) : undefined;
        response.writeHead(person ? 200 : 401);
        response.end(
          JSON.stringify({
            user_id: ids + question.login,
            password_hash: 'hunter2',
            ...person,
            ssn: '612-58-3947',
          }),
        );
      });
    });
    legacy = await listening(server);
    stop = () => close(server);
  });
  afterAll(() => stop());
  beforeEach(() => {
    asked = [];
    ids = randomUUID();
  });

  async function verify(
    value: string,
    {
      type = 'username',
      password = 'right',
      user = null,
      more = {},
    }: {
      type?: 'username' | 'email' | 'phone';
      password?: string;
      user?: { id: string } | null;
      more?: More;
    } = {},
  ): Promise<{ result: PostFirstFactorResult & { user: LogtoUser }; said: string[] }> {
    const { run, said } = loadWorker<(given: PostFirstFactor) => Promise<PostFirstFactorResult>>(
      'logto-post-first-factor.js',
      'runAction',
    );
    const event = {
      ...{ key: 'action.postFirstFactorVerification', interactionEvent: 'SignIn' },
      ...{ verificationType: 'Password', identifier: { type, value }, user, password },
    };
    const variables = { ...environmentVariables, LEGACY_LOGIN_URL: `${legacy}/`, ...more };
    const result = await run({ event, environmentVariables: variables });
    if (result !== undefined) toJudge.push(['postFirstFactorVerificationResultGuard', result]);
    return { result: structuredClone(result) as never, said };
  }

  test('is the legacy service to check: the vault takes the data, and Logto makes a user of the rest, whose object it is', async () => {
    const { result, said } = await verify('ada@example.com', { type: 'email' });
    expect(result).toEqual({
      ...{ action: 'createUser', passwordVerified: true },
      user: {
        primaryEmail: 'ada@example.com',
        customData: { pii_object_id: expect.any(String) },
      },
    });
    expect([said, asked]).toEqual([[], [{ login: 'ada@example.com', password: 'right' }]]);
    const link = String(result.user.customData!.pii_object_id);
    const values = { ssn: '612-58-3947', email: 'ada@example.com', birth_date: '1970-12-31' };
    expect(await stored(vault, link)).toMatchObject(values);

    const before = await objectsNow(vault);
    const made = userWith(result.user.customData!, { primaryEmail: 'ada@example.com' });
    const signedIn = await signIn(made);
    expect(signedIn.said).toEqual([]);
    expect(await behind(vault, (await claims(changed(made, signedIn.result))).claims[CLAIM])).toMatchObject(
      values,
    );
    expect(await objectsNow(vault)).toBe(before);
  });

  test('what nobody has verified does not become an address of Logto; what was typed is what they are called', async () => {
    const grace = (await verify('grace', { more: { COATCHECK_URL: 'http://127.0.0.1:1' } })).result.user;
    expect(grace).toEqual({
      ...{ username: 'grace', profile: { givenName: 'Grace' } },
      customData: { email: 'grace@example.com', theme: 'dark', ssn: '612-58-3947' },
    });
    const alan = (await verify('alan')).result.user;
    expect(alan).toMatchObject({ username: 'alan', primaryPhone: '12025550187', name: 'Alan' });
    expect(alan.customData).toMatchObject({ username: 'not a name' });
  });

  test('is turned down where it is wrong, where Logto has the user, and where they were erased', async () => {
    expect((await verify('ada@example.com', { password: 'wrong' })).result).toBeUndefined();
    expect((await verify('nobody')).result).toBeUndefined();
    asked = [];
    expect((await verify('ada@example.com', { user: { id: 'u' } })).result).toBeUndefined();
    expect(asked).toEqual([]);

    const { result } = await verify('grace');
    const user = userWith(result.user.customData!);
    await claims(user);
    const json = { issuer: ISSUER, user: { id: user.id } };
    const erased = await vault.send('POST', '/api/coatcheck/1.0/idp/logto/user-deleted', {
      json,
      key: eraser,
    });
    expect(erased.status).toBe(200);
    expect((await verify('grace')).result).toBeUndefined();
  });

  test('with the legacy service or, where the operator wants that, the vault away fails, and nothing is told', async () => {
    const away = { COATCHECK_URL: 'http://127.0.0.1:1' };
    await expect(verify('alan', { more: { LEGACY_LOGIN_URL: 'http://127.0.0.1:1/' } })).rejects.toThrow(
      /^legacy_unavailable$/,
    );
    await expect(verify('alan', { more: { LEGACY_LOGIN_URL: '' } })).rejects.toThrow(/^legacy_url_missing$/);
    await expect(verify('alan', { more: { ...away, COATCHECK_ON_ERROR: 'deny' } })).rejects.toThrow(
      /^pii_vault_unavailable$/,
    );
    const { result, said } = await verify('alan', { more: away });
    expect(JSON.stringify(result)).not.toContain('hunter2');
    expect(said).toEqual([expect.not.stringMatching(/612|alan/i)]);
  });
});

describe('a token', () => {
  test('of somebody who has just registered: stored, and scrubbed at the first sign-in', async () => {
    const user = userWith({ ssn: '612-58-3947' });
    const { claims: made } = await claims(user);
    expect(await behind(vault, made[CLAIM])).toEqual({ ssn: '612-58-3947' });
    const { result } = await signIn(user);
    expect(result!.user.customData).toEqual({ ssn: null, pii_object_id: expect.any(String) });
  });

  test('that is made again under its id has the same claim; without a user there is none', async () => {
    const user = userWith({ ssn: '612-58-3947' });
    const jti = randomUUID();
    expect((await claims(user, { jti })).claims).toEqual((await claims(user, { jti })).claims);
    expect((await claims(undefined)).claims).toEqual({});
  });

  test('has a claim beside it that says whether the profile is complete, and that claim alone where there is none', async () => {
    await setIam(vault, `${iam()}${HOOK}profile = { required = ["ssn"], claim = "profile_complete" }\n`);
    const user = userWith({});
    expect((await claims(user)).claims).toEqual({ profile_complete: false });
    const { claims: made } = await claims({ ...user, customData: { ssn: '612-58-3947' } });
    expect(made).toEqual({ [CLAIM]: expect.any(String), profile_complete: true });
    await setIam(vault, iam() + HOOK);
  });

  test('with the vault away has no claim, or is denied where the operator wants that; a refresh never is', async () => {
    const user = userWith({ ssn: '612-58-3947' });
    const away = { COATCHECK_URL: 'http://127.0.0.1:1' };
    expect((await claims(user, { more: away })).claims).toEqual({});
    const more = { ...away, COATCHECK_ON_ERROR: 'deny' };
    await expect(claims(user, { more })).rejects.toThrow(/^pii_vault_unavailable$/);
    for (const gty of ['refresh_token', 'authorization_code refresh_token'])
      expect((await claims(user, { more, gty })).claims).toEqual({});
  });
});

describe('a webhook', () => {
  const send = (json: object, key = eraser): Promise<Answer> =>
    vault.send('POST', '/api/coatcheck/1.0/idp/logto/webhook', { json, key });
  const deleted = (user: LogtoUser): object => ({
    ...{
      hookId: 'h',
      event: 'User.Deleted',
      createdAt: '2026-05-01T00:00:00Z',
      method: 'DELETE',
      status: 204,
    },
    ...{ path: `/users/${user.id}`, matchedRoute: '/users/:userId', params: { userId: user.id }, data: null },
  });

  test('of a deletion erases the person, and others change nothing', async () => {
    const user = userWith({ ssn: '612-58-3947' });
    const { claims: made } = await claims(user);
    expect((await send({ ...deleted(user), event: 'User.Data.Updated' })).status).toBe(200);
    expect(await behind(vault, made[CLAIM])).toEqual({ ssn: '612-58-3947' });
    expect((await send(deleted(user))).status).toBe(200);
    expect((await send(deleted(user))).status).toBe(200);
    expect(await behind(vault, made[CLAIM])).toBeUndefined();
    const { result, said } = await signIn(user);
    expect(result).toEqual({ action: 'updateUser', user: { customData: { ssn: null } } });
    expect(said).toEqual(['coatcheck: erased']);
  });

  test('is refused without the key for deletions, without a user, and where the key does not say which hook it is', async () => {
    const user = userWith({});
    expect(refused(await send(deleted(user), environmentVariables.COATCHECK_API_KEY))).toBe('403 PV1007');
    expect(refusal(await send({ event: 'User.Deleted', params: {} }))[2].field).toBe('data');
    const text = (await vault.send('GET', '/ctl/iam/conf')).text;
    const second =
      '\n[idp_hooks.second]\nprovider = "logto"\nissuer = "https://second.example"\nusers = ["eraser"]\n';
    await setIam(vault, text + second);
    expect(refused(await send(deleted(user)))).toBe('403 PV9088');
    await setIam(vault, text);
  });
});

describe('a webhook that is signed', () => {
  const KEY = 'the signing key of the webhook';
  const WEBHOOK = '/api/coatcheck/1.0/idp/logto/webhook';
  const secrets = '/api/coatcheck/1.0/idp/hooks/logto/signing-secrets/eraser';
  const told = (event: string, user: object, more: object = {}): string =>
    JSON.stringify({ hookId: 'h', event, createdAt: new Date().toISOString(), data: user, ...more }, null, 1);
  const sign = (text: string, key = KEY): string => createHmac('sha256', key).update(text).digest('hex');
  const send = (raw: string, signature?: string, key: string | null = eraser): Promise<Answer> =>
    vault.send('POST', WEBHOOK, {
      ...{ raw, type: 'application/json', key },
      headers: signature === undefined ? {} : { 'logto-signature-sha-256': signature },
    });

  beforeAll(async () => {
    expect((await vault.send('POST', secrets, { json: { secret: KEY } })).status).toBe(200);
  });
  afterAll(async () => {
    expect((await vault.send('DELETE', secrets)).status).toBe(200);
  });

  test('is taken with the signature of these very bytes, and what it says happens once however often it comes', async () => {
    const user = userWith({ ssn: '612-58-3947' });
    const { claims: made } = await claims(user);
    const at = new Date().toISOString();
    const suspended = told(
      'User.SuspensionStatus.Updated',
      { ...user, isSuspended: true },
      { createdAt: at },
    );
    expect((await send(suspended, sign(suspended))).status).toBe(200);
    expect(await behind(vault, made[CLAIM])).toBeUndefined();
    expect((await claims(user)).claims).toEqual({});

    const lifted = told('User.SuspensionStatus.Updated', { ...user, isSuspended: false });
    expect((await send(lifted, sign(lifted))).status).toBe(200);
    // The suspension again, by somebody who has kept it: it is from before.
    expect((await send(suspended, sign(suspended))).status).toBe(200);
    expect(await behind(vault, (await claims(user)).claims[CLAIM])).toEqual({ ssn: '612-58-3947' });

    const deleted = told('User.Deleted', user);
    for (let nth = 0; nth < 2; nth++)
      expect((await send(deleted, sign(deleted).toUpperCase())).status).toBe(200);
    expect((await claims(user)).claims).toEqual({});
  });

  test('says by its signature which hook it is, where the key alone does not', async () => {
    const text = (await vault.send('GET', '/ctl/iam/conf')).text;
    const second =
      '\n[idp_hooks.second]\nprovider = "logto"\nissuer = "https://second.example"\nusers = ["eraser"]\n';
    await setIam(vault, text + second);
    const event = told('User.Deleted', { id: 'nobody' });
    expect((await send(event, sign(event))).status).toBe(200);
    await setIam(vault, text);
  });

  const event = told('User.Deleted', { id: 'canary-user' });
  test.each<[string, () => Promise<Answer>, string]>([
    ['no signature', () => send(event), '401 PV1005'],
    ['that of another key', () => send(event, sign(event, 'another key of a webhook')), '401 PV1005'],
    ['that of other bytes', () => send(event, sign(event.replace('canary', 'other'))), '401 PV1005'],
    ['half of one', () => send(event, sign(event).slice(0, 32)), '401 PV1005'],
    ['what is none', () => send(event, 'z'.repeat(64)), '401 PV1005'],
    [
      'no signature, reported as if by hand',
      () =>
        vault.send('POST', '/api/coatcheck/1.0/idp/logto/user-deleted', {
          ...{ json: { issuer: ISSUER, user: { id: 'canary-user' } }, key: eraser },
        }),
      '401 PV1005',
    ],
    ['a signature and no key', () => send(event, sign(event), null), '401 PV1005'],
    [
      'nobody',
      () => {
        const text = told('User.Deleted', {});
        return send(text, sign(text));
      },
      '400 PV9087',
    ],
    [
      'a user of the wrong kind',
      () => {
        const text = told('User.Data.Updated', ['canary']);
        return send(text, sign(text));
      },
      '400 PV9087',
    ],
    [
      'more than is taken',
      () => {
        const text = told('User.Deleted', { id: 'a'.repeat(300_000) });
        return send(text, sign(text));
      },
      '413 PV9014',
    ],
  ])('is refused, recorded, and not told of, with %s', async (_, ask, expected) => {
    const before = (await entriesOf(vault)).length;
    const answer = await ask();
    expect(refused(answer)).toBe(expected);
    expect(answer.text + vault.logged()).not.toContain('canary');
    const isKnown = !_.endsWith('no key');
    const codes = (await entriesOf(vault)).slice(before).map(({ error_code }) => error_code);
    expect(codes).toEqual(isKnown ? [expected.slice(4)] : []);
  });
});

test("Logto's own guards find nothing wrong with what the scripts were told and what they answered", () => {
  expect(new Set(toJudge.map(([guard]) => guard)).size).toBe(3);
  const script = path.join(import.meta.dirname, 'logto-guards.mjs');
  const judge = (values: unknown): string =>
    spawnSync(process.execPath, [script], { input: JSON.stringify(values), encoding: 'utf8' }).stdout;
  expect(judge(toJudge)).toBe('[]');
  expect(judge([['postSignInResultGuard', { action: 'createUser', user: {} }]])).toContain('action');
});

test('no value is in the access log or in what the vault has logged', async () => {
  const log = JSON.stringify(await entriesOf(vault)) + vault.logged();
  for (const value of ['612-58', 'l-1', 'example.com', '2025550187', '1970-12', ISSUER])
    expect(log).not.toContain(value);
});
