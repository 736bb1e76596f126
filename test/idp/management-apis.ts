import { type IncomingMessage, type Server, createServer } from 'node:http';
import { close, listening } from './servers.js';

type Json = Record<string, unknown>;

/** What a management API answers in place of what was asked of it. */
export interface Fault {
  readonly status: number;
  readonly headers?: Record<string, string>;
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

interface Behaviour {
  token(request: IncomingMessage, body: string, base: string): boolean;
  /** Changes the user; the status. */
  change(user: Json, patch: Json): number;
}

async function start(prefix: string, { token, change }: Behaviour): Promise<ManagementApi> {
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
      if (request.method === 'POST') {
        if (!token(request, body, api.base)) return answer(401, { error: 'invalid_client' });
        return answer(200, { access_token: `token-${++issued}`, token_type: 'Bearer', expires_in: 3600 });
      }
      const fault = api.faults.shift();
      if (fault) return answer(fault.status, { message: 'canary-of-the-provider' }, fault.headers);
      const [, number] = /^Bearer token-(\d+)$/.exec(request.headers.authorization ?? '') ?? [];
      if (number === undefined || Number(number) > issued) return answer(401, {});
      const user = api.users.get(decodeURIComponent((request.url ?? '').slice(prefix.length)));
      if (!request.url?.startsWith(prefix) || !user) return answer(404, {});
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
