import { type IncomingMessage, type Server, createServer } from 'node:http';
import { OktaServiceApp } from './okta-service-app.js';
import { close, listening } from './servers.js';

type Json = Record<string, unknown>;

/** What a management API answers in place of what was asked of it. */
export interface Fault {
  readonly status: number;
  readonly headers?: Record<string, string>;
  /** In place of an error's JSON; null: the connection is cut. */
  readonly body?: string | null;
}

/** A provider's management API on loopback, behaving as its documentation says, with users in memory. */
export interface ManagementApi {
  readonly base: string;
  readonly users: Map<string, Json>;
  /** `METHOD path` of every request, the oldest first. */
  readonly requests: string[];
  /** Answers for the next requests that read or change users, the first for the next; then it behaves. */
  readonly faults: Fault[];
  close(): Promise<void>;
}

const CLIENT = { id: 'm2m', secret: 'a secret: of 100%' };

/** What the APIs accept, as the vault is given it. */
export const CREDENTIAL = { client_id: CLIENT.id, client_secret: CLIENT.secret };

/** Auth0: JSON for a token, metadata merged at its first level, null removes a key and an empty object all of them; root attributes of nobody change. */
export const startAuth0Api = (): Promise<ManagementApi> =>
  start('/api/v2/users/', {
    token: (request, body, base) => {
      const asked = JSON.parse(body) as Json;
      return (
        request.url === '/oauth/token' &&
        asked.grant_type === 'client_credentials' &&
        asked.client_id === CLIENT.id &&
        asked.client_secret === CLIENT.secret &&
        asked.audience === `${base}/api/v2/`
      );
    },
    change: (user, patch) => {
      for (const [root, changes] of Object.entries(patch)) {
        if (root !== 'app_metadata' && root !== 'user_metadata') return 400;
        const merged =
          Object.keys(changes as Json).length === 0 ? {} : { ...(user[root] as Json), ...(changes as Json) };
        user[root] = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
      }
      return 200;
    },
  });

/** Logto: a form with the client in the header for a token; custom data and profile are replaced by what is sent. */
export const startLogtoApi = (): Promise<ManagementApi> =>
  start('/api/users/', {
    token: (request, body, base) => {
      const form = new URLSearchParams(body);
      const [id, secret] = Buffer.from((request.headers.authorization ?? '').slice(6), 'base64')
        .toString()
        .split(':')
        .map(decodeURIComponent);
      return (
        request.url === '/oidc/token' &&
        form.get('grant_type') === 'client_credentials' &&
        form.get('resource') === `${base}/api` &&
        form.get('scope') === 'all' &&
        id === CLIENT.id &&
        secret === CLIENT.secret
      );
    },
    change: (user, patch) => {
      const known = ['customData', 'profile', 'name', 'avatar', 'username', 'primaryEmail', 'primaryPhone'];
      if (Object.keys(patch).some((key) => !known.includes(key))) return 400;
      Object.assign(user, patch);
      return 200;
    },
  });

/** Okta: an API token in place of one that is asked for; a POST changes the attributes of the profile that it names, and one that the schema does not know costs all of them. */
export const startOktaApi = (service = new OktaServiceApp()): Promise<ManagementApi> =>
  start('/api/v1/users/', {
    apiToken: `SSWS ${CLIENT.secret}`,
    service,
    change: (user, patch) => {
      const profile = user.profile as Json;
      const known = ['login', 'firstName', 'ssn', 'locale', 'pii_object_id'];
      const changes = Object.entries((patch.profile ?? {}) as Json);
      if (Object.keys(patch).join() !== 'profile' || changes.some(([key]) => !known.includes(key)))
        return 400;
      for (const [key, value] of changes) {
        if (value === null) delete profile[key];
        else profile[key] = value;
      }
      return 200;
    },
  });

/** Microsoft Graph, with the token endpoint of the tenant on the same machine; a PATCH changes what it names, and answers nothing. */
export const startGraphApi = (tenant: string): Promise<ManagementApi> =>
  start('/v1.0/users/', {
    token: (request, body, base) => {
      const form = new URLSearchParams(body);
      return (
        request.url === `/${tenant}/oauth2/v2.0/token` &&
        form.get('grant_type') === 'client_credentials' &&
        form.get('client_id') === CLIENT.id &&
        form.get('client_secret') === CLIENT.secret &&
        form.get('scope') === `${base}/.default`
      );
    },
    change: (user, patch) => {
      if (user.onPremisesSyncEnabled === true) return 400;
      Object.assign(user, patch);
      return 204;
    },
  });

/** Frontegg: a token of its own form; metadata is a text, and replaced by what is sent. */
export const startFronteggApi = (): Promise<ManagementApi> =>
  start(['/identity/resources/vendor-only/users/v1/', '/identity/resources/users/v1/'], {
    token: (request, body) => {
      const asked = JSON.parse(body) as Json;
      return request.url === '/auth/vendor' && asked.clientId === CLIENT.id && asked.secret === CLIENT.secret;
    },
    answer: (token) => ({ token, expiresIn: 86_400 }),
    change: (user, patch) => {
      if (Object.keys(patch).join() !== 'metadata' || typeof patch.metadata !== 'string') return 400;
      user.metadata = patch.metadata;
      return 200;
    },
  });

interface Behaviour {
  /** Whether a request for a token is one. */
  token?(request: IncomingMessage, body: string, base: string): boolean;
  /** What is answered to it. */
  answer?(token: string): Json;
  /** What authorizes requests where no token is asked for. */
  readonly apiToken?: string;
  /** Who may call besides. */
  readonly service?: OktaServiceApp;
  /** Changes the user; the status. */
  change(user: Json, patch: Json): number;
}

async function start(
  prefixes: string | readonly string[],
  { token, answer: issue = oauth, apiToken, service, change }: Behaviour,
): Promise<ManagementApi> {
  let issued = 0;
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      api.requests.push(`${request.method} ${request.url}`);
      const answer = (status: number, json: unknown, headers = {}): void => {
        response.writeHead(status, { 'content-type': 'application/json', ...headers });
        response.end(JSON.stringify(json));
      };
      const asked = service?.token(request, body, api.base);
      if (asked) return answer(asked.status, asked.json, asked.headers);
      if (request.method === 'POST' && token) {
        if (!token(request, body, api.base)) return answer(401, { error: 'invalid_client' });
        return answer(200, issue(`token-${++issued}`));
      }
      const fault = api.faults.shift();
      if (fault?.body === null) return request.socket.destroy();
      if (fault?.body !== undefined) return response.writeHead(fault.status, fault.headers).end(fault.body);
      if (fault) return answer(fault.status, { message: 'canary-of-the-provider' }, fault.headers);
      const { authorization = '' } = request.headers;
      const [, number] = /^Bearer token-(\d+)$/.exec(authorization) ?? [];
      const isIssued = number !== undefined && Number(number) <= issued;
      if (apiToken === undefined ? !isIssued : authorization !== apiToken) {
        const allowed = service?.allows(request, api.base) ?? {};
        if (allowed !== true) return answer(401, {}, allowed);
      }
      const [place = ''] = (request.url ?? '').split('?');
      const prefix = [prefixes].flat().find((each) => place.startsWith(each));
      const user = api.users.get(decodeURIComponent(place.slice(prefix?.length)));
      if (prefix === undefined || !user) return answer(404, {});
      if (request.method === 'GET') return answer(200, user);
      const status = change(user, JSON.parse(body) as Json);
      return answer(status, status === 200 ? user : {});
    });
  });
  const api: ManagementApi = {
    base: await listening(server),
    users: new Map(),
    requests: [],
    faults: [],
    close: () => close(server),
  };
  return api;
}

const oauth = (token: string): Json => ({ access_token: token, token_type: 'Bearer', expires_in: 3600 });
