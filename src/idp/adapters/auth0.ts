import type { Adapter } from '../adapter.js';
import { type Attribute, type ConnectionKind, type IdpEvent, LINK_KEY, type LoginEvent } from '../event.js';
import {
  type Fields,
  member,
  optionalName,
  optionalObject,
  optionalTime,
  organizationIn,
  requiredName,
  requiredObject,
  verified,
} from '../event-fields.js';
import { auth0Users } from './auth0-users.js';
import { readLink, readUnlink } from '../link-events.js';
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
  organizations: 'event',

  events: {
    'post-login': { capability: 'CapIdpHook', read: (event) => readLogin(event, 'profile') },
    'legacy-user': { capability: 'CapIdpHook', read: (event) => readLogin(event, 'legacy') },
    'user-deleted': {
      capability: 'CapIdpLifecycle',
      read: (event) => ({
        kind: 'erasure',
        issuer: tenantOf(event),
        subject: requiredName(requiredObject(event, 'user', ''), 'user_id', 'user.'),
      }),
    },
    stream: { capability: 'CapIdpLifecycle', read: readStreamed },
    link: {
      capability: 'CapIdpLifecycle',
      read: (event) => readLink(event, tenantOf(event), 'user_id'),
    },
    unlink: {
      capability: 'CapIdpLifecycle',
      read: (event) => readUnlink(event, tenantOf(event), 'user_id'),
    },
  },

  writeBack: auth0Users((user) => ({
    kind: 'login',
    issuer: undefined,
    ...userOf(user, ''),
    clientId: undefined,
    transaction: undefined,
    connection: connectionOf(user),
    attributes: attributesOf(user, '', { removable: true, profile: false }),
  })),
  readToken: (claims) => readToken(claims, 'sub', [], 'org_id'),

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
  const linked = source === 'legacy' ? undefined : linkedTo(user);
  return {
    kind: 'login',
    issuer: tenantOf(event),
    ...userOf(user, 'user.'),
    clientId: source === 'legacy' ? undefined : optionalName(client, 'client_id', 'client.'),
    transaction: optionalName(transaction, 'id', 'transaction.'),
    connection: {
      name: optionalName(connection, 'name', 'connection.') ?? '',
      kind: source === 'legacy' ? 'legacy' : kindOf(optionalName(connection, 'strategy', 'connection.')),
    },
    attributes: attributesOf(user, 'user.', { removable: true, profile: source === 'legacy' }),
    ...(linked && { linked }),
    ...organizationIn(optionalObject(event, 'organization', ''), 'id', 'organization.'),
  };
}

function tenantOf(event: Fields): string {
  return requiredName(requiredObject(event, 'tenant', ''), 'id', 'tenant.');
}

/** Who a user is, as Auth0 shows users everywhere. */
function userOf(user: Fields, at: string): Pick<LoginEvent, 'subject' | 'link' | 'updatedAt'> {
  const link = member(optionalObject(user, 'app_metadata', at), LINK_KEY);
  return {
    subject: requiredName(user, 'user_id', at),
    link: typeof link === 'string' ? link : undefined,
    updatedAt: optionalTime(user, 'updated_at'),
  };
}

function attributesOf(
  user: Fields,
  at: string,
  { removable, profile }: { removable: boolean | 'later'; profile: boolean },
): Attribute[] {
  return [
    ...METADATA.flatMap((root) => attributesUnder(root, optionalObject(user, root, at), true, removable)),
    ...attributesUnder('profile', user, false, profile),
  ];
}

/** More identities than that nobody has. */
const MOST_IDENTITIES = 50;

/** The users who were linked into this one, by the ids they had; the first of `identities` is the user itself. Undefined where it is not shown. */
function linkedTo(user: Fields): readonly string[] | undefined {
  const identities = member(user, 'identities');
  if (!Array.isArray(identities)) return undefined;
  const ids = (identities as unknown[]).slice(0, MOST_IDENTITIES).flatMap((each) => {
    const identity = typeof each === 'object' && each !== null ? (each as Fields) : {};
    const [provider, id] = [member(identity, 'provider'), member(identity, 'user_id')];
    const isName = typeof provider === 'string' && (typeof id === 'string' || typeof id === 'number');
    return isName ? [requiredName({ id: `${provider}|${id}` }, 'id', 'user.identities.')] : [];
  });
  return ids.filter((id) => id !== member(user, 'user_id'));
}

/**
 * An event of an Event Stream, a CloudEvent, delivered late and in any order: of a user who was deleted, or left an organization, no more is read than who it was; one who was made or changed
 * shows what they have, and whether they are blocked. Source: Auth0's reference of the event types.
 */
function readStreamed(event: Fields): IdpEvent {
  const issuer = requiredName(event, 'a0tenant', '');
  const type = requiredName(event, 'type', '');
  if (type === 'organization.member.deleted') return readLeaving(event, issuer);
  if (!['user.created', 'user.updated', 'user.deleted'].includes(type)) return { kind: 'other', issuer };
  const user = requiredObject(requiredObject(event, 'data', ''), 'object', 'data.');
  if (type === 'user.deleted')
    return { kind: 'erasure', issuer, subject: requiredName(user, 'user_id', 'data.object.') };
  return {
    kind: 'login',
    issuer,
    late: true,
    ...userOf(user, 'data.object.'),
    status: { suspended: member(user, 'blocked') === true, at: optionalTime(event, 'time') },
    clientId: undefined,
    transaction: undefined,
    connection: connectionOf(user),
    attributes: attributesOf(user, 'data.object.', { removable: 'later', profile: false }),
  };
}

function readLeaving(event: Fields, issuer: string): IdpEvent {
  const at = 'data.object.';
  const member = requiredObject(requiredObject(event, 'data', ''), 'object', 'data.');
  return {
    kind: 'leaving',
    issuer,
    subject: requiredName(requiredObject(member, 'user', at), 'user_id', `${at}user.`),
    organization: requiredName(requiredObject(member, 'organization', at), 'id', `${at}organization.`),
    at: optionalTime(event, 'time'),
  };
}

/** Where the user of an event that is no login comes from: the first of their identities. */
function connectionOf(user: Fields): LoginEvent['connection'] {
  const identities = member(user, 'identities');
  const first = Array.isArray(identities) ? (identities as unknown[])[0] : undefined;
  const identity = typeof first === 'object' && first !== null ? (first as Fields) : {};
  return {
    name: optionalName(identity, 'connection', 'identities.') ?? '',
    kind: kindOf(optionalName(identity, 'provider', 'identities.')),
  };
}

/** Metadata is anything; of the profile only the standard claims are read, the rest is Auth0's. A profile that Auth0 does not have yet can still be left out. */
function attributesUnder(
  root: string,
  fields: Fields,
  metadata: boolean,
  removable: boolean | 'later',
): Attribute[] {
  return Object.entries(fields)
    .filter(([key]) =>
      metadata ? key !== LINK_KEY && !FORBIDDEN_METADATA.has(key) : Object.hasOwn(STANDARD_CLAIMS, key),
    )
    .map(([key, value]) => ({
      ...{ path: `${root}.${key}`, key, value, metadata, removable: removable === true },
      ...(removable === 'later' && { removableLater: true as const }),
      ...(!metadata && verified(fields, key)),
    }));
}

function kindOf(strategy: string | undefined): ConnectionKind {
  if (strategy === undefined || OWN_STRATEGIES.has(strategy)) return 'database';
  return ENTERPRISE.has(strategy) ? 'enterprise' : 'social';
}
