import { createPublicKey } from 'node:crypto';
import jwt from 'jsonwebtoken';
import type { LoginResult } from '../../src/demo/auth0-tenant.js';
import { type Outcome, logIn } from '../../src/demo/browser.js';
import { OpenIdProvider } from '../../src/demo/openid-provider.js';

const CLIENT = { clientId: 'shop-web', redirectUri: 'https://shop.example/callback' };
const AUDIENCE = 'https://api.shop.example';

let provider: OpenIdProvider;
let decide: (email: string) => Promise<LoginResult>;
beforeAll(async () => {
  provider = await OpenIdProvider.open({ ...CLIENT, audience: AUDIENCE, login: (email) => decide(email) });
});
afterAll(() => provider.close());

const login = (email: string): Promise<Outcome> => logIn({ issuer: provider.issuer, ...CLIENT }, email);

/** The claims of an access token, its signature checked with the published key. */
async function claimsOf(outcome: Outcome): Promise<jwt.JwtPayload> {
  if (!('accessToken' in outcome)) throw new Error(JSON.stringify(outcome));
  const published = (await (await fetch(`${provider.issuer}/jwks`)).json()) as { keys: [object] };
  const key = createPublicKey({ key: published.keys[0] as never, format: 'jwk' });
  return jwt.verify(outcome.accessToken, key, { algorithms: ['RS256'] }) as jwt.JwtPayload;
}

// First: the library says each thing once.
test('the library keeps to itself what it would tell whoever starts a provider of their own', async () => {
  const said: unknown[] = [];
  const { info, warn } = console;
  Object.assign(console, {
    info: (line: unknown) => said.push(line),
    warn: (line: unknown) => said.push(line),
  });
  try {
    decide = async () => ({ userId: 'auth0|ada', claims: {} });
    const other = await OpenIdProvider.open({
      ...CLIENT,
      audience: AUDIENCE,
      login: (email) => decide(email),
    });
    await logIn({ issuer: other.issuer, ...CLIENT }, 'ada');
    await other.close();
  } finally {
    Object.assign(console, { info, warn });
  }
  expect(said).toEqual([]);
});

test('an access token says who, for whom and until when, and has the claims of this very login', async () => {
  let logins = 0;
  decide = async (email) => ({ userId: `auth0|${email}`, claims: { 'https://shop.example/nth': ++logins } });
  await login('ben');
  const { iat, exp, jti, ...claims } = await claimsOf(await login('ada'));
  expect(claims).toEqual({
    iss: provider.issuer,
    sub: 'auth0|ada',
    aud: AUDIENCE,
    client_id: CLIENT.clientId,
    scope: expect.any(String),
    'https://shop.example/nth': 2,
  });
  expect(exp! - iat!).toBe(86_400);
  expect(jti).not.toBe('');
});

test.each<[string, LoginResult, string]>([
  ['is denied', { denied: 'unknown user' }, 'unknown user'],
  ['fails', { failed: new Error('with a value in it') }, 'the Action failed'],
])(
  'a login that %s ends with an error at the client, and without a token',
  async (_name, result, description) => {
    decide = async () => result;
    expect(await login('eve')).toEqual({ error: 'access_denied', description });
  },
);
