import { randomUUID } from 'node:crypto';
import { type Server, createServer } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import type {
  InboundFederationTriggerEvent,
  PreTokenGenerationTriggerEvent,
  PreTokenGenerationV2TriggerEvent,
  UserMigrationTriggerEvent,
} from 'aws-lambda';
import type {
  CognitoSdk,
  FederationEvent,
  MigrationEvent,
  PreTokenEvent,
} from '../../src/idp/bundles/cognito-types.js';
import { behind, entriesOf, iam, objectsNow, stored, withHook } from '../operations/idp/support.js';
import { keyOf, setIam } from '../support/iam.js';
import { refused } from '../support/steps.js';
import { type TestVault, startVault } from '../support/vault.js';
import { bundle, loadLambda } from './sandbox.js';
import { close, listening } from './servers.js';

/*
 * The Lambda function as the build made it, called as Cognito calls it. The user pool is a model of what its two operations do: an update of attributes that the pool must have, and a
 * removal of attributes that it does not require.
 */

const POOL = 'eu-west-1_Ab3dEf5gH';
const LINK = 'custom:pii_object_id';
const CLAIM = 'https://shop.example/pii_token';

const HOOK = `
[users.cognito]
role = "login"
[idp_hooks.cognito]
provider = "cognito"
issuer = "${POOL}"
users = ["cognito", "eraser"]
map = { "userAttributes.custom:nid" = "user_id", "userAttributes.national_id" = "user_id" }
`;

let vault: TestVault;
let env: Record<string, string | undefined>;
let legacy: Server;
let eraser: string;
const servers: Server[] = [];

beforeAll(async () => {
  vault = await startVault();
  await withHook(vault);
  await setIam(vault, iam() + HOOK);
  eraser = await keyOf(vault, 'eraser');
  legacy = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const { login, password } = JSON.parse(text) as { login: string; password?: string };
      const profile = LEGACY[login];
      if (request.headers.authorization !== 'Bearer legacy key') response.writeHead(500).end();
      else if (!profile || (request.url === '/login' && password !== 'correct horse'))
        response.writeHead(404).end();
      else response.end(JSON.stringify(profile));
    });
  });
  const url = await listening(legacy);
  env = {
    COATCHECK_URL: vault.url,
    COATCHECK_API_KEY: await keyOf(vault, 'cognito'),
    COATCHECK_CLAIM: CLAIM,
    LEGACY_LOGIN_URL: `${url}/login`,
    LEGACY_GET_USER_URL: `${url}/user`,
    LEGACY_API_KEY: 'legacy key',
  };
});
afterAll(async () => {
  await close(legacy);
  await vault.close();
});
afterEach(() => Promise.all(servers.splice(0).map(close)));

const LEGACY: Record<string, Record<string, unknown>> = {
  'mia@example.com': {
    ...{ user_id: 7, email: 'mia@example.com', email_verified: true, given_name: 'Mia' },
    ...{ ssn: '612-58-3947', national_id: 'm-7', password_hash: '$2b$hash' },
  },
  'plain@example.com': { user_id: 8, email: 'plain@example.com', 'custom:ssn': '612-58-3948' },
  'many@example.com': {
    ...{ user_id: 10, email: 'many@example.com', ssn: '612-58-3946', birth_date: '31/12/1970' },
    ...{ theme: 'dark', '612-58-3946': true },
  },
  'gone@example.com': { user_id: 9, email: 'gone@example.com', ssn: '612-58-3949' },
};

/** A user of the pool, and the client by which the function changes it. */
class PoolUser {
  readonly userName = randomUUID();
  readonly attributes: Record<string, string>;
  readonly asked: string[] = [];
  hasLinkAttribute = true;
  required = new Set(['email']);

  constructor(attributes: Record<string, string>) {
    this.attributes = { sub: this.userName, 'cognito:user_status': 'CONFIRMED', ...attributes };
  }

  readonly sdk = (): CognitoSdk => {
    // eslint-disable-next-line @typescript-eslint/no-this-alias
    const user = this;
    class Command {
      readonly input: object;
      constructor(input: object) {
        this.input = input;
      }
    }
    return {
      AdminUpdateUserAttributesCommand: Command,
      AdminDeleteUserAttributesCommand: Command,
      CognitoIdentityProviderClient: class {
        async send(command: unknown): Promise<void> {
          user.change((command as Command).input as PoolChange);
        }
      },
    };
  };

  change({ UserPoolId, Username, UserAttributes, UserAttributeNames = [] }: PoolChange): void {
    expect([UserPoolId, Username]).toEqual([POOL, this.userName]);
    this.asked.push(UserAttributes ? 'update' : `delete ${UserAttributeNames.join(' ')}`);
    const refused =
      (UserAttributes && !this.hasLinkAttribute) ||
      UserAttributeNames.some((name) => this.required.has(name));
    if (refused)
      throw Object.assign(new Error('canary-value is not valid'), { name: 'InvalidParameterException' });
    for (const { Name, Value } of UserAttributes ?? []) this.attributes[Name] = Value;
    for (const name of UserAttributeNames) delete this.attributes[name];
  }
}

interface PoolChange {
  readonly UserPoolId: string;
  readonly Username: string;
  readonly UserAttributes?: { Name: string; Value: string }[];
  readonly UserAttributeNames?: string[];
}

type Version = '1' | '2' | '3' | 'emulator';

function tokenEvent(user: PoolUser, version: Version, triggerSource: string): PreTokenEvent {
  return {
    ...{ version: version === 'emulator' ? '0' : version, region: 'eu-west-1', userPoolId: POOL },
    ...{ userName: user.userName, triggerSource },
    callerContext: { awsSdkVersion: 'aws-sdk-unknown-unknown', clientId: 'web' } as { clientId: string },
    request: {
      userAttributes: { ...user.attributes },
      groupConfiguration: { groupsToOverride: [], iamRolesToOverride: [] },
      ...(['2', '3'].includes(version) && { scopes: ['openid'] }),
    } as PreTokenEvent['request'],
    response: version === '1' ? { claimsOverrideDetails: null } : {},
  };
}

interface Done {
  readonly access: Record<string, string | boolean> | undefined;
  readonly id: Record<string, string>;
  readonly suppressed: string[];
  readonly said: string[];
}

/** One making of tokens: what goes into either, as far as the event's version lets it. */
async function tokens(
  user: PoolUser,
  {
    version = '2',
    source = 'TokenGeneration_Authentication',
    secrets = {},
    loaded = loadLambda<PreTokenEvent>({ ...env, ...secrets }, user.sdk),
  }: {
    version?: Version;
    source?: string;
    secrets?: Record<string, string | undefined>;
    loaded?: ReturnType<typeof loadLambda<PreTokenEvent>>;
  } = {},
): Promise<Done> {
  const event = tokenEvent(user, version, source);
  const { response } = await loaded.handler(event);
  const both = response.claimsAndScopeOverrideDetails;
  const first = response.claimsOverrideDetails;
  if (['2', '3'].includes(version)) expect(first).toBeUndefined();
  else expect(both).toBeUndefined();
  return {
    access: both?.accessTokenGeneration?.claimsToAddOrOverride,
    id: (first ?? both?.idTokenGeneration)?.claimsToAddOrOverride ?? {},
    suppressed: [...((first ?? both?.idTokenGeneration)?.claimsToSuppress ?? [])].sort(),
    said: loaded.said,
  };
}

describe('the file', () => {
  test('is at most 100 kB, needs node:crypto and the client of the runtime, and holds no key', () => {
    const text = bundle('cognito.cjs');
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(100_000);
    const needed = [...text.matchAll(/require\(["']([^"']+)["']\)/g)].map(([, module]) => module);
    expect([...new Set(needed)].sort()).toEqual(['@aws-sdk/client-cognito-identity-provider', 'node:crypto']);
    expect(text).not.toMatch(/pv_live_|eval\(|new Function/);
  });
});

describe('tokens', () => {
  const PII = { 'custom:ssn': '612-58-3947', 'custom:nid': 'c-1', birthdate: '1970-12-31' };

  test.each(['2', '3'] as const)(
    'version %s: the first login stores, links, removes, and puts the token into the access token alone',
    async (version) => {
      const nid = `c-${version}`;
      const user = new PoolUser({
        ...PII,
        'custom:nid': nid,
        email: 'a@example.com',
        email_verified: 'true',
      });
      const done = await tokens(user, { version });
      expect([done.id, done.said]).toEqual([{}, []]);
      expect(Object.keys(done.access!)).toEqual([CLAIM]);
      expect(await behind(vault, done.access![CLAIM])).toEqual({
        ...{ ssn: PII['custom:ssn'], user_id: nid, birth_date: '1970-12-31' },
        ...{ email: 'a@example.com', email_verified: true },
      });
      expect(done.suppressed).toEqual(['birthdate', 'custom:nid', 'custom:ssn']);
      const { sub, [LINK]: link, ...left } = user.attributes;
      expect(left).toEqual({
        'cognito:user_status': 'CONFIRMED',
        email: 'a@example.com',
        email_verified: 'true',
      });
      expect([sub, await stored(vault, link!)]).toEqual([
        user.userName,
        expect.objectContaining({ ssn: PII['custom:ssn'] }),
      ]);
      expect(user.asked).toEqual(['update', expect.stringMatching(/^delete /)]);

      const before = await objectsNow(vault);
      const again = await tokens(user, { version });
      expect(await behind(vault, again.access![CLAIM])).toMatchObject({ ssn: PII['custom:ssn'] });
      expect([again.suppressed, user.asked.length, await objectsNow(vault)]).toEqual([[LINK], 2, before]);
    },
  );

  test.each(['1', 'emulator'] as const)(
    'version one (%s) knows only the ID token: it carries the token, and nothing that was taken',
    async (version) => {
      const user = new PoolUser({ 'custom:ssn': PII['custom:ssn'] });
      const done = await tokens(user, { version });
      expect([done.access, done.suppressed]).toEqual([undefined, ['custom:ssn']]);
      expect(await behind(vault, done.id[CLAIM])).toEqual({ ssn: PII['custom:ssn'] });
    },
  );

  test('whether the profile is complete stands beside the token, as a text where version one knows nothing else', async () => {
    await setIam(vault, `${iam()}${HOOK}profile = { required = ["ssn"], claim = "profile_complete" }\n`);
    for (const version of ['1', '2', '3'] as const) {
      const user = new PoolUser({});
      const claims = async (): Promise<unknown> => {
        const { access, id } = await tokens(user, { version });
        return version === '1' ? id : access;
      };
      const is = (complete: boolean): unknown => (version === '1' ? String(complete) : complete);
      expect(await claims()).toEqual({ profile_complete: is(false) });
      user.attributes['custom:ssn'] = PII['custom:ssn'];
      expect(await claims()).toEqual({ [CLAIM]: expect.any(String), profile_complete: is(true) });
    }
    await setIam(vault, `${iam()}${HOOK}profile = { required = ["ssn"], claim = "${CLAIM}" }\n`);
    expect((await tokens(new PoolUser({}), { version: '2' })).access ?? {}).toEqual({});
    await setIam(vault, iam() + HOOK);
  });

  test('first ones at the same time make one object', async () => {
    const user = new PoolUser({ 'custom:ssn': PII['custom:ssn'] });
    const before = await objectsNow(vault);
    const all = await Promise.all([1, 2, 3].map(() => tokens(user)));
    for (const { access } of all)
      expect(await behind(vault, access![CLAIM])).toEqual({ ssn: PII['custom:ssn'] });
    expect(await objectsNow(vault)).toBe(before + 1);
  });

  test('of a client without a user nothing is asked and nothing changed', async () => {
    const user = new PoolUser({});
    const event = tokenEvent(user, '3', 'TokenGeneration_ClientCredentials');
    const loaded = loadLambda<PreTokenEvent>({ ...env, COATCHECK_URL: 'http://127.0.0.1:1' }, user.sdk);
    expect(await loaded.handler(structuredClone(event))).toEqual(event);
    expect(loaded.said).toEqual([]);
  });

  test('values of a social provider fill what is missing and overwrite nothing', async () => {
    const user = new PoolUser({ 'custom:ssn': PII['custom:ssn'] });
    await tokens(user);
    const identities = JSON.stringify([{ providerName: 'Google', providerType: 'Google', userId: '1' }]);
    Object.assign(user.attributes, {
      identities,
      'custom:ssn': '612-58-9999',
      'custom:phone': '+12025550187',
    });
    await tokens(user);
    expect(await stored(vault, user.attributes[LINK]!)).toEqual({
      ssn: PII['custom:ssn'],
      phone: '+12025550187',
    });
    expect(Object.keys(user.attributes).sort()).toEqual(
      ['cognito:user_status', LINK, 'identities', 'sub'].sort(),
    );
  });

  test('where the pool has no attribute for the object id nothing is removed, and the login has its token', async () => {
    const user = new PoolUser({ 'custom:ssn': PII['custom:ssn'] });
    user.hasLinkAttribute = false;
    const done = await tokens(user);
    expect(await behind(vault, done.access![CLAIM])).toEqual({ ssn: PII['custom:ssn'] });
    expect(user.attributes['custom:ssn']).toBe(PII['custom:ssn']);
    expect(done.said).toEqual(['coatcheck: the user pool was not changed: InvalidParameterException']);
    user.hasLinkAttribute = true;
    await tokens(user);
    expect(user.attributes).toEqual({
      ...{ sub: user.userName, 'cognito:user_status': 'CONFIRMED' },
      [LINK]: expect.any(String),
    });
  });

  test('an attribute that the pool requires stays; the others go', async () => {
    const user = new PoolUser({ 'custom:ssn': PII['custom:ssn'], birthdate: '1970-12-31' });
    user.required.add('birthdate');
    const { said } = await tokens(user);
    expect(said).toEqual(['coatcheck: cannot be removed from the user pool: birthdate']);
    expect(user.attributes).toMatchObject({ birthdate: '1970-12-31' });
    expect(user.attributes).not.toHaveProperty('custom:ssn');
  });

  test('with the vault away a login works, a refused one says nothing of why, and a refresh is never refused', async () => {
    const wrong = [
      { COATCHECK_URL: 'http://127.0.0.1:1' },
      { COATCHECK_URL: undefined },
      { COATCHECK_API_KEY: 'pv_live_nothing' },
      { COATCHECK_MODE: 'neither' },
    ];
    for (const secrets of wrong) {
      const user = new PoolUser({ ...PII });
      const before = { ...user.attributes };
      const open = await tokens(user, { secrets });
      expect([open.access, open.suppressed, open.said.length]).toEqual([undefined, [], 1]);
      expect(open.said[0]).not.toContain('612');
      const closed = { ...secrets, COATCHECK_ON_ERROR: 'deny' };
      await expect(tokens(user, { secrets: closed })).rejects.toThrow(/^pii_vault_unavailable$/);
      const refreshed = await tokens(user, { secrets: closed, source: 'TokenGeneration_RefreshTokens' });
      expect(refreshed.access).toBeUndefined();
      expect([user.attributes, user.asked]).toEqual([before, []]);
    }
  });

  test('after five failures the vault is not asked for a while', async () => {
    let asked = 0;
    const server = createServer((request, response) => {
      asked++;
      request.resume();
      response.writeHead(500).end();
    });
    servers.push(server);
    const dead = await listening(server);
    const user = new PoolUser({ ...PII });
    const loaded = loadLambda<PreTokenEvent>({ ...env, COATCHECK_URL: dead }, user.sdk);
    for (let i = 0; i < 8; i++) await tokens(user, { loaded });
    expect(asked).toBe(5);
  });
});

describe('a user who is moved from a legacy database', () => {
  async function migrate(
    userName: string,
    {
      source = 'UserMigration_Authentication',
      password = 'correct horse',
      secrets = {},
    }: { source?: string; password?: string; secrets?: Record<string, string | undefined> } = {},
  ): Promise<MigrationEvent['response'] & { said: string[] }> {
    const { handler, said } = loadLambda<MigrationEvent>({ ...env, ...secrets }, () => {
      throw new Error('nothing is to be changed');
    });
    const event: MigrationEvent = {
      ...{ version: '1', region: 'eu-west-1', userPoolId: POOL, userName, triggerSource: source },
      callerContext: { clientId: 'web' },
      request: source === 'UserMigration_Authentication' ? { password } : {},
      response: { userAttributes: {} },
    };
    const { response } = await handler(event);
    return { ...response, said };
  }

  test('comes without personal data, and is the same person once the pool has given them an id', async () => {
    const before = await objectsNow(vault);
    const { userAttributes, said, ...rest } = await migrate('mia@example.com');
    expect(userAttributes).toEqual({
      ...{ email: 'mia@example.com', email_verified: 'true', given_name: 'Mia' },
      [LINK]: expect.any(String),
    });
    expect([rest, said]).toEqual([{ finalUserStatus: 'CONFIRMED', messageAction: 'SUPPRESS' }, []]);
    expect((await migrate('mia@example.com')).userAttributes).toEqual(userAttributes);

    const user = new PoolUser(userAttributes!);
    const done = await tokens(user);
    expect(await behind(vault, done.access![CLAIM])).toMatchObject({ ssn: '612-58-3947', user_id: 'm-7' });
    expect(await objectsNow(vault)).toBe(before + 1);
    // From now on it is this user's, whoever else shows the id.
    const thief = new PoolUser({ [LINK]: userAttributes![LINK]! });
    expect((await tokens(thief)).access).toBeUndefined();
    expect(await behind(vault, (await tokens(user)).access![CLAIM])).toMatchObject({ ssn: '612-58-3947' });

    // Deleted in the pool and moved once more, they have what they had.
    const again = new PoolUser((await migrate('mia@example.com')).userAttributes!);
    expect(again.attributes[LINK]).toBe(user.attributes[LINK]);
    expect(await behind(vault, (await tokens(again)).access![CLAIM])).toMatchObject({ ssn: '612-58-3947' });
    expect(await objectsNow(vault)).toBe(before + 1);
  });

  test('is one person however many come at once, and what nobody took is named', async () => {
    const before = await objectsNow(vault);
    const all = await Promise.all([1, 2, 3].map(() => migrate('many@example.com')));
    const links = new Set(all.map(({ userAttributes }) => userAttributes![LINK]));
    expect([links.size, all[0]!.said]).toEqual([
      1,
      [
        'coatcheck: unmapped_pii userAttributes.*, quarantined userAttributes.birth_date',
        'coatcheck: neither vault nor pool took: birth_date, theme, *',
      ],
    ]);
    const user = new PoolUser(all[0]!.userAttributes!);
    for (const { access } of await Promise.all([1, 2, 3].map(() => tokens(user))))
      expect(await behind(vault, access![CLAIM])).toMatchObject({ ssn: '612-58-3946' });
    expect(await objectsNow(vault)).toBe(before + 1);
  });

  test('is never taken for an erased one, however close on one another they come', async () => {
    const moved = async (n: number, afterMs: number): Promise<unknown[]> => {
      await setTimeout(afterMs);
      const { status, body } = await vault.send('POST', '/api/coatcheck/1.0/idp/cognito/user-migration', {
        key: env.COATCHECK_API_KEY!,
        json: { userPoolId: POOL, legacy: { user_id: `close-${n}`, attributes: { ssn: '612-58-3946' } } },
      });
      return [status, body.write.pii_object_id, body.warnings];
    };
    for (let n = 0; n < 15; n++) {
      const all = await Promise.all([0, 2, 4, 6, 8, 10].map((afterMs) => moved(n, afterMs)));
      expect(all).toEqual(all.map(() => [200, all[0]![1], []]));
      expect(all[0]![1]).toEqual(expect.any(String));
    }
  });

  test('who was erased is not moved again', async () => {
    const { userAttributes } = await migrate('gone@example.com');
    const user = new PoolUser(userAttributes!);
    await tokens(user);
    const event = { userPoolId: POOL, sub: user.userName };
    const path = '/api/coatcheck/1.0/idp/cognito/user-deleted';
    expect((await vault.send('POST', path, { json: event, key: eraser })).status).toBe(200);
    await expect(migrate('gone@example.com')).rejects.toThrow(/^user_unknown$/);
  });

  test('a wrong password and an unknown user are refused alike; a forgotten password needs none', async () => {
    await expect(migrate('mia@example.com', { password: 'wrong' })).rejects.toThrow(/^user_unknown$/);
    await expect(migrate('nobody@example.com')).rejects.toThrow(/^user_unknown$/);
    const { finalUserStatus, userAttributes } = await migrate('mia@example.com', {
      source: 'UserMigration_ForgotPassword',
    });
    expect([finalUserStatus, userAttributes!.email_verified]).toEqual([undefined, 'true']);
  });

  test('with the vault away nobody loses a value: who fits the pool as they are comes in, others wait', async () => {
    const away = { COATCHECK_URL: 'http://127.0.0.1:1' };
    const { userAttributes } = await migrate('plain@example.com', { secrets: away });
    expect(userAttributes).toEqual({ email: 'plain@example.com', 'custom:ssn': '612-58-3948' });
    const user = new PoolUser(userAttributes!);
    expect(await behind(vault, (await tokens(user)).access![CLAIM])).toMatchObject({ ssn: '612-58-3948' });
    expect(user.attributes).not.toHaveProperty('custom:ssn');
    await expect(migrate('mia@example.com', { secrets: away })).rejects.toThrow(/^pii_vault_unavailable$/);
    const closed = { ...away, COATCHECK_ON_ERROR: 'deny' };
    await expect(migrate('plain@example.com', { secrets: closed })).rejects.toThrow(
      /^pii_vault_unavailable$/,
    );
  });

  test('with the legacy service away the error is ours', async () => {
    const secrets = { LEGACY_LOGIN_URL: 'http://127.0.0.1:1/login' };
    await expect(migrate('mia@example.com', { secrets })).rejects.toThrow(/^legacy_unavailable$/);
  });
});

describe('somebody from another provider', () => {
  /** What the pool makes of an answer: nothing said keeps all; attributes of the mapping are stored under its names. */
  const MAPPING: Record<string, string> = {
    ...{ email: 'email', given_name: 'given_name', birthdate: 'birthdate', ssn: 'custom:ssn' },
    pii_object_id: LINK,
  };
  async function federate(
    attributes: FederationEvent['request']['attributes'],
    {
      type = 'OIDC',
      secrets = {},
      userName = randomUUID(),
    }: { type?: string; secrets?: Record<string, string>; userName?: string } = {},
  ): Promise<{ pool: Record<string, string>; answer: Record<string, string>; said: string[] }> {
    const { handler, said } = loadLambda<FederationEvent>({ ...env, ...secrets }, () => {
      throw new Error('not needed');
    });
    const event = await handler({
      ...{ version: '1', region: 'eu-west-1', userPoolId: POOL, userName },
      triggerSource: 'InboundFederation_ExternalProvider',
      callerContext: { clientId: 'web' },
      request: { providerName: 'Corporate', providerType: type, attributes },
      response: { userAttributesToMap: {} },
    });
    const answer = { ...event.response.userAttributesToMap };
    for (const value of Object.values(answer)) expect(typeof value).toBe('string');
    const all = {
      ...(attributes.userInfo as object),
      ...(attributes.idToken as object),
      ...(attributes.samlResponse as object),
    };
    const kept = Object.keys(answer).length === 0 ? (all as Record<string, string>) : answer;
    const pool = Object.entries(MAPPING).flatMap(([from, to]) =>
      kept[from] === undefined ? [] : [[to, kept[from]]],
    );
    return { pool: Object.fromEntries(pool) as Record<string, string>, answer, said };
  }

  test('their data goes into the vault and never into the pool, which keeps the object id; the first token is of it', async () => {
    const userName = randomUUID();
    const idToken = {
      sub: userName,
      iss: 'https://corp.example',
      email: 'ada@example.com',
      ssn: '612-58-3947',
      exp: 1,
    };
    const given = {
      tokenResponse: { access_token: 'hunter2' },
      idToken,
      userInfo: { birthdate: '1970-12-31' },
    };
    const { pool, answer, said } = await federate(given, { userName });
    expect(said).toEqual([]);
    expect(pool).toEqual({ email: 'ada@example.com', [LINK]: expect.any(String) });
    expect(answer).toMatchObject({ sub: userName, iss: 'https://corp.example', exp: '1' });
    const values = { ssn: '612-58-3947', birth_date: '1970-12-31', email: 'ada@example.com' };
    expect(await stored(vault, pool[LINK]!)).toEqual(values);

    const before = await objectsNow(vault);
    const user = new PoolUser(pool);
    expect(await behind(vault, (await tokens(user)).access![CLAIM])).toEqual(values);
    // Each further sign-in says it all again.
    const again = await federate(given, { userName });
    expect([again.pool, await objectsNow(vault)]).toEqual([pool, before]);
    expect(await behind(vault, (await tokens(user)).access![CLAIM])).toEqual(values);
  });

  test('by the names that SAML has, what users sign in with stays, and the rest goes without a map', async () => {
    const ws = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/';
    const samlResponse = { [`${ws}emailaddress`]: 'eve@example.com', [`${ws}dateofbirth`]: '1970-12-31' };
    const { answer } = await federate({ samlResponse }, { type: 'SAML' });
    expect(answer).toEqual({
      ...{ moved_by: 'coatcheck', pii_object_id: expect.any(String) },
      [`${ws}emailaddress`]: 'eve@example.com',
    });
    expect(await stored(vault, answer.pii_object_id!)).toEqual({
      ...{ email: 'eve@example.com', birth_date: '1970-12-31' },
    });
  });

  test('an answer is never empty where something is to stay away, and the other provider says of nobody whose object they are', async () => {
    const victim = (await federate({ samlResponse: { ssn: '612-58-3946' } }, { type: 'SAML' })).pool[LINK]!;
    const { answer, pool } = await federate(
      { samlResponse: { ssn: '612-58-3947', pii_object_id: victim } },
      { type: 'SAML' },
    );
    expect(Object.keys(answer).sort()).toEqual(['moved_by', 'pii_object_id']);
    expect(pool[LINK]).not.toBe(victim);
    const away = { secrets: { COATCHECK_URL: 'http://127.0.0.1:1' } };
    const kept = await federate({ idToken: { ssn: '612-58-3947', pii_object_id: victim } }, away);
    expect(kept.pool).toEqual({ 'custom:ssn': '612-58-3947' });
  });

  test('parts that are texts are read, what does not fit an attribute is left out, credentials are not told', async () => {
    const groups = 'x'.repeat(2_049);
    const { answer, said } = await federate({
      idToken: JSON.stringify({
        ssn: '612-58-3947',
        groups,
        address: { locality: 'London' },
        password: 'hunter2',
      }),
      userInfo: '{not json',
    });
    expect(answer).toEqual({
      ...{ moved_by: 'coatcheck', address: '{"locality":"London"}', password: 'hunter2' },
      pii_object_id: expect.any(String),
    });
    expect(said.at(-1)).toBe('coatcheck: left out, too long for the user pool: 1');
    expect(await stored(vault, answer.pii_object_id!)).toEqual({ ssn: '612-58-3947' });
  });

  test.each<[string, object, string, string]>([
    [
      'nobody',
      { userPoolId: POOL, federation: { providerName: 'x', providerType: 'OIDC' } },
      '400 PV9087',
      'userName',
    ],
    [
      'no provider',
      { userPoolId: POOL, userName: 'u', federation: {} },
      '400 PV9087',
      'federation.providerName',
    ],
    [
      'attributes that are none',
      {
        userPoolId: POOL,
        userName: 'u',
        federation: { providerName: 'x', providerType: 'SAML', attributes: ['canary'] },
      },
      '400 PV9087',
      'federation.attributes',
    ],
    [
      'no pool',
      { userName: 'u', federation: { providerName: 'x', providerType: 'SAML' } },
      '400 PV9087',
      'userPoolId',
    ],
  ])('an event with %s is refused, naming the field', async (_, json, expected, field) => {
    const path = '/api/coatcheck/1.0/idp/cognito/inbound-federation';
    const answer = await vault.send('POST', path, { json, key: env.COATCHECK_API_KEY! });
    expect([refused(answer), answer.body.context.field]).toEqual([expected, field]);
    expect(answer.text).not.toContain('canary');
  });

  test('with the vault away all stays as it was, or the sign-in ends where the operator wants that', async () => {
    const idToken = { ssn: '612-58-3947' };
    const away = { COATCHECK_URL: 'http://127.0.0.1:1' };
    const { answer, said } = await federate({ idToken }, { secrets: away });
    expect([answer, said.length, said[0]!.includes('612')]).toEqual([{}, 1, false]);
    const closed = { secrets: { ...away, COATCHECK_ON_ERROR: 'deny' } };
    await expect(federate({ idToken }, closed)).rejects.toThrow(/^pii_vault_unavailable$/);
  });
});

test('events and answers are of the types that are published for Lambda', async () => {
  const trigger = { version: '2', region: 'eu-west-1', userPoolId: POOL, userName: randomUUID() };
  const callerContext = { awsSdkVersion: 'aws-sdk-unknown-unknown', clientId: 'web' };
  const userAttributes = { sub: trigger.userName, 'custom:ssn': '612-58-3947' };
  const groupConfiguration = { groupsToOverride: [], iamRolesToOverride: [], preferredRole: '' };
  const user = new PoolUser(userAttributes);

  // What is assigned both ways is what the compiler compares; of access tokens' claims Amazon's guide knows more types than these.
  const both: PreTokenGenerationV2TriggerEvent = {
    ...{ ...trigger, callerContext, triggerSource: 'TokenGeneration_RefreshTokens' },
    request: { userAttributes, groupConfiguration, scopes: ['openid'] },
    response: { claimsAndScopeOverrideDetails: {} },
  };
  const second: PreTokenEvent = both;
  const lambda = loadLambda<PreTokenEvent>(env, user.sdk);
  const { claimsAndScopeOverrideDetails } = (await lambda.handler(second)).response;
  const answered: PreTokenGenerationV2TriggerEvent['response']['claimsAndScopeOverrideDetails'] =
    claimsAndScopeOverrideDetails as typeof answered;
  expect(Object.keys(answered.accessTokenGeneration!.claimsToAddOrOverride!)).toEqual([CLAIM]);

  const one: PreTokenGenerationTriggerEvent = {
    ...{ ...trigger, version: '1', callerContext, triggerSource: 'TokenGeneration_Authentication' },
    request: { userAttributes, groupConfiguration: { groupsToOverride: [], iamRolesToOverride: [] } },
    response: { claimsOverrideDetails: {} },
  };
  const first: PreTokenEvent = one;
  const { claimsOverrideDetails } = (await lambda.handler(first)).response;
  const overridden: PreTokenGenerationTriggerEvent['response']['claimsOverrideDetails'] =
    claimsOverrideDetails!;
  expect(Object.keys(overridden.claimsToAddOrOverride!)).toEqual([CLAIM]);

  const migrating: UserMigrationTriggerEvent = {
    ...{ ...trigger, version: '1', callerContext, userName: 'mia@example.com' },
    triggerSource: 'UserMigration_Authentication',
    request: { password: 'correct horse' },
    response: { userAttributes: {}, desiredDeliveryMediums: [] },
  };
  const moved: MigrationEvent = { ...migrating, response: { userAttributes: {} } };
  const { response } = await loadLambda<MigrationEvent>(env, user.sdk).handler(moved);
  const migrated: Partial<UserMigrationTriggerEvent['response']> = response;
  expect(migrated).toMatchObject({ finalUserStatus: 'CONFIRMED', messageAction: 'SUPPRESS' });

  const coming: InboundFederationTriggerEvent = {
    ...{ ...trigger, version: '1', callerContext, triggerSource: 'InboundFederation_ExternalProvider' },
    request: {
      ...{ providerName: 'Corporate', providerType: 'SAML' },
      attributes: { samlResponse: { ssn: '612-58-3947' } },
    },
    response: { userAttributesToMap: {} },
  };
  const came: FederationEvent = coming;
  const federated = await loadLambda<FederationEvent>(env, user.sdk).handler(came);
  const kept: InboundFederationTriggerEvent['response']['userAttributesToMap'] =
    federated.response.userAttributesToMap!;
  expect(kept).toEqual({ moved_by: 'coatcheck', pii_object_id: expect.any(String) });
});

test('no value is in the access log or in what the vault has logged', async () => {
  const log = JSON.stringify(await entriesOf(vault)) + vault.logged();
  for (const value of ['612-58', 'm-7', 'mia@', '1970-12', POOL]) expect(log).not.toContain(value);
});
