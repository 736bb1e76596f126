/* eslint no-console: off -- oidc-provider prints what it would like to have otherwise; that is caught here */
import { createHash, randomBytes } from 'node:crypto';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import Provider, { errors } from 'oidc-provider';
import type { createOidcHook as CreateOidcHook } from '../../src/idp/bundles/oidc.js';
import { keyOf, setIam } from '../support/iam.js';
import { type TestVault, startVault } from '../support/vault.js';
import { behind, entriesOf, iam, objectsNow, stored, withHook } from '../operations/idp/support.js';

/*
 * A real OpenID provider with the bundle as the build made it: authorization code flow with PKCE, refresh with rotation. What is looked for in the end: the
 * seeded values, plain, base64 and URL-encoded, in every token, in what the provider keeps, and in every line logged.
 */

const SEEDED = { ssn: '612-58-3947', phone: '+12025550187', national_id: '45860945864' };
const CLIENT = 'web';
const REDIRECT = 'https://client.example/cb';
const RESOURCE = 'https://api.shop.example';

type CreateHook = typeof CreateOidcHook;
type Hook = ReturnType<CreateHook>;
interface User {
  claims: Record<string, unknown>;
  link?: string;
}
interface Tokens {
  access_token: string;
  refresh_token: string;
  id_token: string;
}

let vault: TestVault;
let provider: Provider;
let server: Server;
let issuer: string;
let createHook: CreateHook;
let hook: Hook;
let settings: Record<string, string>;
const users = new Map<string, User>();
const lines: string[] = [];
const issued: string[] = [];

const { info, warn } = console;

beforeAll(async () => {
  console.info = console.warn = () => undefined;
  vault = await startVault();
  await withHook(vault);
  server = createServer((request, response) => void provider.callback()(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const hookOfIssuer = `
[users.oidc]
role = "login"
[users.backend]
role = "exchange"
[roles.exchange]
capabilities = ["CapIdpExchange"]
policies = ["store"]
[idps.own]
type = "subject-jwt"
[idps.own.conf]
iss = "${issuer}"
aud = "${RESOURCE}"
jwks_uri = "${issuer}/jwks"
[idp_hooks.oidc]
provider = "oidc"
issuer = "${issuer}"
users = ["oidc", "backend"]
exchange_idp = "own"
map = { "claims.national_id" = "user_id" }
profile = { required = ["ssn", "phone"], claim = "profile_complete" }
`;
  await setIam(vault, iam() + hookOfIssuer);
  settings = {
    COATCHECK_URL: vault.url,
    COATCHECK_API_KEY: await keyOf(vault, 'oidc'),
    COATCHECK_CLAIM: 'https://shop.example/pii_token',
  };
  const file = path.resolve(import.meta.dirname, '../../dist/idp/oidc-provider.mjs');
  ({ createOidcHook: createHook } = (await import(pathToFileURL(file).href)) as {
    createOidcHook: CreateHook;
  });
  hook = make();
  provider = openProvider();
});
afterAll(async () => {
  Object.assign(console, { info, warn });
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
  await vault.close();
});

/** The hook as the documentation shows it. */
function make(more: Record<string, string> = {}): Hook {
  return createHook({
    settings: { ...settings, ...more },
    issuer,
    load: async (subject) => structuredClone(users.get(subject)),
    save: async (subject, { link, remove }) => {
      const user = users.get(subject)!;
      for (const name of remove) delete user.claims[name];
      if (link === null) delete user.link;
      else if (link !== undefined) user.link = link;
    },
    refuse: () => new errors.TemporarilyUnavailable(),
    log: (line) => void lines.push(line),
  });
}

function openProvider(): Provider {
  const made = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT,
        token_endpoint_auth_method: 'none',
        redirect_uris: [REDIRECT],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
      },
    ],
    scopes: ['openid', 'offline_access', 'api'],
    cookies: { keys: [randomBytes(16).toString('hex')] },
    rotateRefreshToken: true,
    issueRefreshToken: async () => true,
    findAccount: async (_ctx, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
    extraTokenClaims: (context, token) => hook.extraTokenClaims(context, token),
    features: {
      devInteractions: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => RESOURCE,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({ scope: 'api', accessTokenFormat: 'jwt' as const }),
      },
    },
  });
  made.on('server_error', (_ctx, error: Error) => void lines.push(String(error.name)));
  return made;
}

/** A browser: keeps cookies, follows redirects within the provider, submits what the provider's pages ask for. */
class Browser {
  readonly #cookies = new Map<string, string>();

  /** Authorizes as the user; returns the code. */
  async authorize(subject: string, challenge: string): Promise<string> {
    const query = new URLSearchParams({
      client_id: CLIENT,
      response_type: 'code',
      redirect_uri: REDIRECT,
      scope: 'openid offline_access api',
      prompt: 'consent',
      code_challenge: challenge,
      code_challenge_method: 'S256',
    });
    let response = await this.#go(`${issuer}/auth?${query.toString()}`);
    for (let pages = 0; pages < 20; pages++) {
      const location = response.headers.get('location');
      if (location?.startsWith(REDIRECT)) return new URL(location).searchParams.get('code')!;
      if (location) {
        response = await this.#go(new URL(location, issuer).href);
        continue;
      }
      const page = await response.text();
      const action = /action="([^"]+)"/.exec(page)?.[1];
      if (!action) throw new Error(`no form: ${response.status} ${page.slice(0, 300)}`);
      const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1] ?? 'login';
      response = await this.#go(
        new URL(action, issuer).href,
        new URLSearchParams({ prompt, login: subject, password: 'x' }),
      );
    }
    throw new Error('the login did not end');
  }

  async #go(url: string, form?: URLSearchParams): Promise<Response> {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form && { method: 'POST', body: form }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!;
      if (value === '') this.#cookies.delete(name!);
      else this.#cookies.set(name!, value!);
    }
    return response;
  }
}

async function token(
  form: Record<string, string>,
): Promise<{ status: number; body: Tokens & { error?: string } }> {
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: CLIENT, ...form }),
  });
  const body = (await response.json()) as Tokens & { error?: string };
  issued.push(...Object.values(body).filter((value) => typeof value === 'string'));
  return { status: response.status, body };
}

/** A whole login, from the browser to the tokens. */
async function login(subject: string): ReturnType<typeof token> {
  const verifier = randomBytes(32).toString('base64url');
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const code = await new Browser().authorize(subject, challenge);
  return token({ grant_type: 'authorization_code', code, redirect_uri: REDIRECT, code_verifier: verifier });
}

const refresh = (refresh_token: string): ReturnType<typeof token> =>
  token({ grant_type: 'refresh_token', refresh_token });

function claimsOf({ access_token }: Tokens): Record<string, unknown> {
  return JSON.parse(Buffer.from(access_token.split('.')[1]!, 'base64url').toString()) as Record<
    string,
    unknown
  >;
}

function claimOf(tokens: Tokens): string | undefined {
  return claimsOf(tokens)['https://shop.example/pii_token'] as string | undefined;
}

test('the first login stores, the second only tokenizes, a refresh gets a token too', async () => {
  users.set('ada', { claims: { ...SEEDED, theme: 'dark' } });
  const first = await login('ada');
  expect(first.status).toBe(200);
  expect(await behind(vault, claimOf(first.body))).toEqual({
    user_id: SEEDED.national_id,
    ssn: SEEDED.ssn,
    phone: SEEDED.phone,
  });
  expect(users.get('ada')).toEqual({ claims: { theme: 'dark' }, link: expect.any(String) });
  expect(claimsOf(first.body).profile_complete).toBe(true);

  const before = await objectsNow(vault);
  const second = await login('ada');
  expect(claimOf(second.body)).not.toBe(claimOf(first.body));
  expect(await behind(vault, claimOf(second.body))).toMatchObject({ ssn: SEEDED.ssn });
  const refreshed = await refresh(second.body.refresh_token);
  expect(await behind(vault, claimOf(refreshed.body))).toMatchObject({ ssn: SEEDED.ssn });
  expect(await objectsNow(vault)).toBe(before);
});

test('three first logins at the same time make one object and three valid tokens', async () => {
  users.set('ben', { claims: { ssn: SEEDED.ssn } });
  const before = await objectsNow(vault);
  const all = await Promise.all(['ben', 'ben', 'ben'].map(login));
  expect(await objectsNow(vault)).toBe(before + 1);
  expect(new Set(all.map(({ body }) => claimOf(body))).size).toBe(3);
  for (const { body } of all) expect(await behind(vault, claimOf(body))).toEqual({ ssn: SEEDED.ssn });
  for (const { body } of all) expect(claimsOf(body).profile_complete).toBe(false);
  expect(await stored(vault, users.get('ben')!.link!)).toEqual({ ssn: SEEDED.ssn });
});

describe('with the vault down', () => {
  const AWAY = { COATCHECK_URL: 'http://127.0.0.1:1' };
  afterEach(() => void (hook = make()));

  test('a login works without the claim, nothing is scrubbed, and the next one makes up for it', async () => {
    users.set('cleo', { claims: { ssn: SEEDED.ssn } });
    hook = make(AWAY);
    const { status, body } = await login('cleo');
    expect([status, claimOf(body)]).toEqual([200, undefined]);
    expect(users.get('cleo')).toEqual({ claims: { ssn: SEEDED.ssn } });
    hook = make();
    const refreshed = await refresh(body.refresh_token);
    expect(await behind(vault, claimOf(refreshed.body))).toEqual({ ssn: SEEDED.ssn });
    expect(users.get('cleo')).toEqual({ claims: {}, link: expect.any(String) });
  });

  test('a vault that takes the question and says nothing is waited for once, and no login is lost', async () => {
    let asked = 0;
    const silent = createServer(() => void asked++);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    users.set('fred', { claims: { ssn: SEEDED.ssn } });
    hook = make({ COATCHECK_URL: `http://127.0.0.1:${(silent.address() as AddressInfo).port}` });
    const { status, body } = await login('fred');
    silent.closeAllConnections();
    silent.close();
    expect([status, claimOf(body), asked]).toEqual([200, undefined, 1]);
    expect(users.get('fred')).toEqual({ claims: { ssn: SEEDED.ssn } });
    hook = make();
    await login('fred');
    expect(users.get('fred')).toEqual({ claims: {}, link: expect.any(String) });
  });

  test('a login is refused where the operator wants that; a refresh never is, and its token goes on working', async () => {
    users.set('dora', { claims: { ssn: SEEDED.ssn } });
    const { body } = await login('dora');
    hook = make({ ...AWAY, COATCHECK_ON_ERROR: 'deny' });
    expect(await login('dora')).toMatchObject({ status: 400, body: { error: 'temporarily_unavailable' } });
    const refreshed = await refresh(body.refresh_token);
    expect([refreshed.status, claimOf(refreshed.body)]).toEqual([200, undefined]);
    hook = make();
    const again = await refresh(refreshed.body.refresh_token);
    expect(await behind(vault, claimOf(again.body))).toEqual({ ssn: SEEDED.ssn });
  });
});

test('a token that was made while the vault was away is exchanged for what its claim would have been', async () => {
  users.set('emma', { claims: { ssn: SEEDED.ssn } });
  await login('emma');
  hook = make({ COATCHECK_URL: 'http://127.0.0.1:1' });
  const { body } = await login('emma');
  hook = make();
  expect(claimOf(body)).toBeUndefined();
  const type = 'urn:ietf:params:oauth:token-type:access_token';
  const answer = await vault.send('POST', '/api/coatcheck/1.0/idp/oidc/token-exchange', {
    json: {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: body.access_token,
      subject_token_type: type,
    },
    key: await keyOf(vault, 'backend'),
  });
  expect([answer.status, answer.body.token_type]).toEqual([200, 'N_A']);
  expect(await behind(vault, answer.body.access_token)).toEqual({ ssn: SEEDED.ssn });
});

test('no seeded value is in a token, in what the provider keeps, in the access log, or in a line logged', async () => {
  expect(issued.length).toBeGreaterThan(20);
  const decoded = issued.flatMap((each) => [
    each,
    ...each.split('.').map((part) => Buffer.from(part, 'base64url').toString('latin1')),
  ]);
  const entries = await entriesOf(vault);
  expect(entries.length).toBeGreaterThan(10);
  const log = JSON.stringify(entries);
  const places = [...decoded, JSON.stringify([...users.values()]), log, vault.logged(), ...lines];
  for (const value of Object.values(SEEDED)) {
    const shapes = [value, encodeURIComponent(value), ...base64Of(value)];
    for (const shape of shapes) expect(places.filter((place) => place.includes(shape))).toEqual([]);
  }
});

/** What a value looks like inside base64 of something longer, at each of the three offsets, its uncertain edges cut off. */
function base64Of(value: string): string[] {
  return [0, 1, 2].map((offset) =>
    Buffer.concat([Buffer.alloc(offset), Buffer.from(value)])
      .toString('base64')
      .slice(offset === 0 ? 0 : 4, -4),
  );
}
