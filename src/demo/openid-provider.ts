import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Configuration, InteractionResults, default as Provider } from 'oidc-provider';
import { OperatorError } from '../errors.js';
import type { LoginResult } from './auth0-tenant.js';

/** What the provider is asked to do. */
export interface ProviderSettings {
  readonly clientId: string;
  readonly redirectUri: string;
  /** Whom the access tokens are for. */
  readonly audience: string;
  /** What happens once somebody has proved who they are, before they get tokens. */
  readonly login: (email: string) => Promise<LoginResult>;
}

const INTERACTION = '/interaction/';
const FORM = '<form method="post"><input name="email"><input type="submit"></form>';
const ACCESS_TOKEN_SECONDS = 24 * 3600;

/**
 * A real OpenID provider, `oidc-provider`, on a free port of this machine: authorization code flow with PKCE, a form for the login, signed access tokens. What a
 * login decides comes from outside, and its claims go into the access token. Nobody is asked for a password.
 */
export class OpenIdProvider {
  readonly issuer: string;
  readonly #server: Server;
  readonly #settings: ProviderSettings;
  readonly #provider: Provider;
  /** What the last login of a user wants in the access token. */
  readonly #claims = new Map<string, Readonly<Record<string, unknown>>>();

  private constructor(issuer: string, server: Server, settings: ProviderSettings, library: typeof Provider) {
    this.issuer = issuer;
    this.#server = server;
    this.#settings = settings;
    this.#provider = new library(issuer, this.#configuration());
    const answer = this.#provider.callback();
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      if (!request.url?.startsWith(INTERACTION)) return void answer(request, response);
      this.#interact(request, response).catch(() => response.destroy());
    });
  }

  static async open(settings: ProviderSettings): Promise<OpenIdProvider> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return withoutNotices(async () => {
      const { default: library } = await import('oidc-provider').catch(() => {
        throw new OperatorError(
          'The optional package oidc-provider is not installed: install it to see the demo.',
        );
      });
      return new OpenIdProvider(issuer, server, settings, library);
    });
  }

  async close(): Promise<void> {
    await new Promise((resolve) => {
      this.#server.close(resolve);
      this.#server.closeAllConnections();
    });
  }

  /** The form, and what comes back from it. */
  async #interact(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST') {
      response.setHeader('content-type', 'text/html');
      return void response.end(FORM);
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const email = new URLSearchParams(Buffer.concat(chunks).toString()).get('email') ?? '';
    await this.#provider.interactionFinished(request, response, await this.#decide(email));
  }

  async #decide(email: string): Promise<InteractionResults> {
    const result = await this.#settings.login(email);
    if ('claims' in result) {
      this.#claims.set(result.userId, result.claims);
      return { login: { accountId: result.userId } };
    }
    const reason = 'denied' in result ? result.denied : 'the Action failed';
    return { error: 'access_denied', error_description: reason };
  }

  #configuration(): Configuration {
    const { clientId, redirectUri, audience } = this.#settings;
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    return {
      clients: [
        {
          client_id: clientId,
          token_endpoint_auth_method: 'none',
          redirect_uris: [redirectUri],
          grant_types: ['authorization_code'],
          response_types: ['code'],
        },
      ],
      jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' }] },
      cookies: { keys: [randomBytes(16).toString('hex')] },
      ttl: {
        AccessToken: ACCESS_TOKEN_SECONDS,
        AuthorizationCode: 60,
        Grant: 3600,
        IdToken: 3600,
        Interaction: 600,
        Session: 3600,
      },
      interactions: { url: (_context, { uid }) => INTERACTION + uid },
      findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
      extraTokenClaims: (_context, token) =>
        'accountId' in token ? { ...this.#claims.get(String(token.accountId)) } : undefined,
      // It is the company's own client: nobody is asked whether they agree.
      loadExistingGrant: async ({ oidc }) => {
        const grant = new oidc.provider.Grant({ clientId, accountId: oidc.session!.accountId! });
        grant.addOIDCScope('openid');
        grant.addResourceScope(audience, 'api');
        await grant.save();
        return grant;
      },
      features: {
        devInteractions: { enabled: false },
        resourceIndicators: {
          enabled: true,
          defaultResource: () => audience,
          useGrantedResource: () => true,
          getResourceServerInfo: () => ({
            scope: 'api',
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: 'RS256' } },
          }),
        },
      },
    };
  }
}

/** The library tells whoever starts it what a provider of one's own needs, such as a place to keep sessions. This one lives for a minute. */
async function withoutNotices<T>(work: () => Promise<T>): Promise<T> {
  /* eslint-disable no-console */
  const { info, warn } = console;
  console.info = console.warn = () => undefined;
  try {
    return await work();
  } finally {
    Object.assign(console, { info, warn });
  }
}
