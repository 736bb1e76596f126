import type { Adapter } from '../adapter.js';
import { type Attribute, type ConnectionKind, type IdpEvent, LINK_KEY, type LoginEvent } from '../event.js';
import {
  type Fields,
  member,
  optionalName,
  optionalObject,
  optionalTime,
  requiredName,
  requiredObject,
  verified,
} from '../event-fields.js';
import { readToken } from '../read-token.js';
import { STANDARD_CLAIMS, standardMapUnder } from '../standard-claims.js';

/** Names that Auth0 forbids in metadata: they would shadow the profile's own. Source: its page on metadata field names. */
export const FORBIDDEN_METADATA: ReadonlySet<string> = new Set([
  '__tenant',
  '_id',
  'blocked',
  'clientID',
  'created_at',
  'email',
  'email_verified',
  'globalClientID',
  'global_client_id',
  'identities',
  'lastIP',
  'lastLogin',
  'loginsCount',
  'metadata',
  'multifactor',
  'multifactor_last_modified',
  'updated_at',
  'user_id',
]);
const METADATA = ['app_metadata', 'user_metadata'] as const;
const SOURCE = /^(app_metadata|user_metadata|profile)\.([^.$]+)$/;
/** Auth0's own domains, which no custom claim may be named after. */
const AUTH0_DOMAINS = /(^|\.)(auth0\.com|webtask\.io|webtask\.run)$/i;
/** Strategies by which the user proved who they are to Auth0 itself. */
const OWN_STRATEGIES: ReadonlySet<string> = new Set(['auth0', 'email', 'sms']);
const ENTERPRISE: ReadonlySet<string> = new Set([
  'ad',
  'adfs',
  'auth0-adldap',
  'google-apps',
  'ip',
  'oidc',
  'office365',
  'okta',
  'pingfederate',
  'samlp',
  'waad',
]);

/**
 * Auth0's post-login Action and custom database scripts. The issuer is the tenant's name (`event.tenant.id`): an Action is not told the
 * domain that the token will say.
 */
export const auth0: Adapter = {
  id: 'auth0',
  standardMap: standardMapUnder('profile'),

  events: {
    'post-login': { capability: 'CapIdpHook', read: (event) => readLogin(event, 'profile') },
    'legacy-user': { capability: 'CapIdpHook', read: (event) => readLogin(event, 'legacy') },
    'user-deleted': {
      capability: 'CapIdpLifecycle',
      read: (event) => ({
        kind: 'erasure',
        issuer: requiredName(requiredObject(event, 'tenant', ''), 'id', 'tenant.'),
        subject: requiredName(requiredObject(event, 'user', ''), 'user_id', 'user.'),
      }),
    },
    stream: { capability: 'CapIdpLifecycle', read: readStreamed },
  },

  readToken: (claims) => readToken(claims),

  refuseSource(path) {
    const [, root, key] = SOURCE.exec(path) ?? [];
    if (key === undefined) return 'A source must be app_metadata.x, user_metadata.x or profile.x.';
    if (root !== 'profile' && FORBIDDEN_METADATA.has(key)) return 'Auth0 forbids this name in metadata.';
    if (key === LINK_KEY) return 'This name holds the object id.';
    return null;
  },

  refuseClaim(name) {
    if (!/^https?:\/\//.test(name) || !URL.canParse(name))
      return 'The claim must be a URL in a domain of your own.';
    return AUTH0_DOMAINS.test(new URL(name).hostname) ? 'The claim must not be in a domain of Auth0.' : null;
  },
};

/** A login, or (`legacy`) a user whom a legacy database supplies before Auth0 has them. */
function readLogin(event: Fields, source: 'profile' | 'legacy'): LoginEvent {
  const user = requiredObject(event, 'user', '');
  const client = optionalObject(event, 'client', '');
  const transaction = optionalObject(event, 'transaction', '');
  const connection = optionalObject(event, 'connection', '');
  const metadata = METADATA.map((root) => [root, optionalObject(user, root, 'user.')] as const);
  const link = member(metadata[0]![1], LINK_KEY);

  return {
    kind: 'login',
    issuer: requiredName(requiredObject(event, 'tenant', ''), 'id', 'tenant.'),
    subject: requiredName(user, 'user_id', 'user.'),
    link: typeof link === 'string' ? link : undefined,
    clientId: source === 'legacy' ? undefined : optionalName(client, 'client_id', 'client.'),
    transaction: optionalName(transaction, 'id', 'transaction.'),
    connection: {
      name: optionalName(connection, 'name', 'connection.') ?? '',
      kind: source === 'legacy' ? 'legacy' : kindOf(optionalName(connection, 'strategy', 'connection.')),
    },
    attributes: [
      ...metadata.flatMap(([root, fields]) => attributesUnder(root, fields, true, true)),
      ...attributesUnder('profile', user, false, source === 'legacy'),
    ],
    updatedAt: optionalTime(user, 'updated_at'),
  };
}

/**
 * An event of an Event Stream, a CloudEvent: of a user who was deleted no more is read than who it was, others concern nobody here. Source: Auth0's
 * reference of the event types.
 */
function readStreamed(event: Fields): IdpEvent {
  const issuer = requiredName(event, 'a0tenant', '');
  if (requiredName(event, 'type', '') !== 'user.deleted') return { kind: 'other', issuer };
  const user = requiredObject(requiredObject(event, 'data', ''), 'object', 'data.');
  return { kind: 'erasure', issuer, subject: requiredName(user, 'user_id', 'data.object.') };
}

/** Metadata is anything; of the profile only the standard claims are read, the rest is Auth0's. A profile that Auth0 does not have yet can still be left out. */
function attributesUnder(root: string, fields: Fields, metadata: boolean, removable: boolean): Attribute[] {
  return Object.entries(fields)
    .filter(([key]) =>
      metadata ? key !== LINK_KEY && !FORBIDDEN_METADATA.has(key) : Object.hasOwn(STANDARD_CLAIMS, key),
    )
    .map(([key, value]) => ({
      ...{ path: `${root}.${key}`, key, value, metadata, removable },
      ...(!metadata && verified(fields, key)),
    }));
}

function kindOf(strategy: string | undefined): ConnectionKind {
  if (strategy === undefined || OWN_STRATEGIES.has(strategy)) return 'database';
  return ENTERPRISE.has(strategy) ? 'enterprise' : 'social';
}
