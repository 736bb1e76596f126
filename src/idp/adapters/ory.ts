import type { Adapter } from '../adapter.js';
import { LINK_KEY } from '../event.js';
import { optionalName, requiredName, requiredObject } from '../event-fields.js';
import { isNeverIngested } from '../never-ingested.js';
import { readToken } from '../read-token.js';
import { STANDARD_CLAIMS, standardMapUnder } from '../standard-claims.js';
import { isRefresh, readTokenHook, renderTokenHook } from './ory-hydra.js';
import { readFlow, renderFlow } from './ory-kratos.js';

/** Roots of attributes: the claims of Hydra's two tokens, and what Kratos keeps of an identity. */
const SOURCE = /^(access_token|id_token|traits|metadata_public|metadata_admin)\.([^.]+)(\.[^.]+)*$/;
/** Claims of the protocol, which Hydra takes from no hook. Source: RFC 7519, RFC 9068, Hydra's page on JWTs. */
const PROTOCOL = new Set(
  'iss sub aud exp nbf iat jti auth_time client_id scp scope nonce at_hash c_hash acr amr rat sid ext'.split(
    ' ',
  ),
);
/** Names that Ory's own identity schemas have for standard claims. */
const TRAITS: Readonly<Record<string, string>> = {
  'traits.name.first': 'given_name',
  'traits.name.last': 'family_name',
  'traits.phone': 'phone_number',
};
/** Ory's clients retry for longer than a person waits. */
const WITHIN_MS = 1_500;

/**
 * Ory Hydra's token hook and Ory Kratos' webhooks, which call by themselves. The issuer is Hydra's, as its tokens say it; Kratos is not told it, so its webhooks
 * are made to say it or the key does. A user is the identity's id in both, which is what Kratos gives Hydra as the subject.
 */
export const ory: Adapter = {
  id: 'ory',
  standardMap: new Map([
    ...['access_token', 'id_token', 'traits'].flatMap((root) => [...standardMapUnder(root)]),
    ...Object.entries(TRAITS).map(([path, claim]) => [path, STANDARD_CLAIMS[claim]!] as const),
  ]),

  events: {
    'token-hook': {
      capability: 'CapIdpHook',
      read: readTokenHook,
      answer: {
        // The claims of both tokens come from the answer, and there is no more to Hydra's user.
        writeBack: 'answer',
        withinMs: WITHIN_MS,
        render: renderTokenHook,
        unchanged: null,
        isRefresh,
      },
    },
    registration: flow('registration'),
    settings: flow('settings'),
    login: {
      capability: 'CapIdpHook',
      read: (event) => readFlow(event),
      // An identity that exists is not changed by an answer.
      answer: { writeBack: 'deferred', withinMs: WITHIN_MS, render: () => ({}), unchanged: {} },
    },
    'user-deleted': {
      capability: 'CapIdpLifecycle',
      read: (event) => ({
        kind: 'erasure',
        issuer: optionalName(event, 'issuer', ''),
        subject: requiredName(requiredObject(event, 'identity', ''), 'id', 'identity.'),
      }),
    },
  },

  readToken: (claims) => readToken(claims),

  refuseSource(path) {
    const [, root, key] = SOURCE.exec(path) ?? [];
    if (key === undefined) return 'A source must be access_token.x, id_token.x, traits.x or metadata_….x.';
    if (key === LINK_KEY) return 'This name holds the object id.';
    if (isNeverIngested(path.slice(path.lastIndexOf('.') + 1))) return 'Credentials are never copied.';
    return root!.endsWith('_token') && PROTOCOL.has(key) ? "This claim is the protocol's own." : null;
  },

  refuseClaim(name) {
    return PROTOCOL.has(name) ? "This claim is the protocol's own." : null;
  },
};

function flow(name: 'registration' | 'settings'): Adapter['events'][string] {
  return {
    capability: 'CapIdpHook',
    read: (event) => readFlow(event),
    answer: {
      writeBack: 'answer',
      withinMs: WITHIN_MS,
      render: (decision, event) => renderFlow(decision, event, name),
      unchanged: {},
      isRefresh: () => false,
    },
  };
}
