import type { Adapter } from '../adapter.js';
import { type Attribute, type ConnectionKind, LINK_KEY, type LoginEvent } from '../event.js';
import {
  type Fields,
  misfit,
  optionalName,
  optionalObject,
  optionalTime,
  organizationIn,
  requiredName,
  requiredObject,
  verified,
} from '../event-fields.js';
import { readLink, readUnlink } from '../link-events.js';
import { readToken } from '../read-token.js';
import { SAML_NAMES } from '../saml-names.js';
import { standardMapUnder } from '../standard-claims.js';
import { readStatus } from '../status-events.js';

const KINDS: ReadonlySet<string> = new Set(['database', 'social', 'enterprise', 'legacy']);
const SOURCE = /^claims\..+$/;
/** Claims that say who and what for, never anything about the person. Source: RFC 7519, OpenID Connect Core, RFC 9068. */
const PROTOCOL = new Set(
  'iss sub aud exp nbf iat jti nonce auth_time acr amr azp at_hash c_hash s_hash sid scope client_id cnf act updated_at'.split(
    ' ',
  ),
);

/** Any OpenID provider whose own code can call: the bundle of oidc-provider style functions, or a few lines elsewhere. */
export const oidc: Adapter = {
  id: 'oidc',
  standardMap: standardMapUnder('claims', SAML_NAMES),

  organizations: 'claim',

  events: {
    login: { capability: 'CapIdpHook', read: readLogin },
    'user-deleted': {
      capability: 'CapIdpLifecycle',
      read: (event) => ({
        kind: 'erasure',
        issuer: requiredName(event, 'iss', ''),
        subject: requiredName(event, 'sub', ''),
      }),
    },
    'user-updated': { capability: 'CapIdpLifecycle', read: readUpdate },
    'user-status': {
      capability: 'CapIdpLifecycle',
      read: (event) => readStatus(event, requiredName(event, 'iss', '')),
    },
    'organization-left': {
      capability: 'CapIdpLifecycle',
      read: (event) => ({
        kind: 'leaving',
        issuer: requiredName(event, 'iss', ''),
        subject: requiredName(event, 'sub', ''),
        organization: requiredName(requiredObject(event, 'organization', ''), 'id', 'organization.'),
        at: optionalTime(event, 'time'),
      }),
    },
    link: {
      capability: 'CapIdpLifecycle',
      read: (event) => readLink(event, requiredName(event, 'iss', ''), 'sub'),
    },
    unlink: {
      capability: 'CapIdpLifecycle',
      read: (event) => readUnlink(event, requiredName(event, 'iss', ''), 'sub'),
    },
  },

  readToken: (claims) => readToken(claims, 'sub', attributesIn(claims, false)),

  refuseSource(path) {
    if (!SOURCE.test(path)) return 'A source must be claims.x.';
    return PROTOCOL.has(path.slice('claims.'.length)) ? "This claim is the protocol's own." : null;
  },

  refuseClaim(name) {
    return PROTOCOL.has(name) ? "This claim is the protocol's own." : null;
  },
};

/** A profile that changed, reported after the fact: as a login that no client gets a token of. `time` is when it changed. */
function readUpdate(event: Fields): LoginEvent {
  const login = readLogin(event);
  return {
    ...{ ...login, clientId: undefined, transaction: undefined, late: true },
    updatedAt: optionalTime(event, 'time') ?? login.updatedAt,
  };
}

function readLogin(event: Fields): LoginEvent {
  const claims = optionalObject(event, 'claims', '');
  const connection = optionalObject(event, 'connection', '');
  const kind = optionalName(connection, 'kind', 'connection.') ?? 'database';
  if (!KINDS.has(kind)) misfit('connection.kind', `It must be one of ${[...KINDS].join(', ')}.`);

  return {
    kind: 'login',
    issuer: requiredName(event, 'iss', ''),
    subject: requiredName(event, 'sub', ''),
    link: optionalName(event, 'link', ''),
    clientId: optionalName(event, 'client_id', ''),
    transaction: optionalName(event, 'transaction', ''),
    connection: { name: optionalName(connection, 'name', 'connection.') ?? '', kind: kind as ConnectionKind },
    attributes: attributesIn(claims, true),
    updatedAt: optionalTime(claims, 'updated_at'),
    ...organizationIn(optionalObject(event, 'organization', ''), 'id', 'organization.'),
  };
}

function attributesIn(claims: Fields, removable: boolean): Attribute[] {
  return Object.entries(claims)
    .filter(([key]) => !PROTOCOL.has(key) && key !== LINK_KEY)
    .map(([key, value]) => ({
      ...{ path: `claims.${key}`, key, value, metadata: true, removable },
      ...verified(claims, key),
    }));
}
