import type { Adapter } from '../adapter.js';
import { type Attribute, type IdpEvent, LINK_KEY, type LoginEvent } from '../event.js';
import {
  type Fields,
  member,
  optionalName,
  optionalObject,
  optionalTime,
  organizationIn,
  requiredName,
  requiredObject,
} from '../event-fields.js';
import { logtoUsers } from './logto-users.js';
import { readLink, readUnlink } from '../link-events.js';
import { readToken } from '../read-token.js';
import { STANDARD_CLAIMS } from '../standard-claims.js';

/** Members of a Logto user that are claims by another name. Source: `Users` and its `profile` in the types published as @logto/schemas. */
const CLAIMS: Readonly<Record<string, string>> = {
  'user.primaryEmail': 'email',
  'user.primaryPhone': 'phone_number',
  'user.name': 'name',
  'user.avatar': 'picture',
  'profile.givenName': 'given_name',
  'profile.familyName': 'family_name',
  'profile.middleName': 'middle_name',
  'profile.nickname': 'nickname',
  'profile.birthdate': 'birthdate',
  'profile.gender': 'gender',
  'profile.address': 'address',
  'profile.locale': 'locale',
  'profile.zoneinfo': 'zoneinfo',
  'profile.website': 'website',
};
/** What users sign in with, and a picture that is shown at every turn: copied, and never removed. */
const KEPT: ReadonlySet<string> = new Set(['user.primaryEmail', 'user.primaryPhone', 'user.avatar']);
/** Sign-in identifiers that Logto has sent a code to or got from a connector that did. */
const VERIFIED: ReadonlySet<string> = new Set(['user.primaryEmail', 'user.primaryPhone']);
const ADDRESS_MEMBERS: Readonly<Record<string, string>> = {
  streetAddress: 'street_address',
  postalCode: 'postal_code',
};
const SOURCE = /^(customData|profile|user)\.(.+)$/;
/** Claims of the protocol, which a script cannot change. */
const PROTOCOL = new Set('iss sub aud exp nbf iat jti scope client_id cnf act acr'.split(' '));

/**
 * Logto's actions, its custom JWT script and its webhooks. The issuer is that of its tokens; a webhook is not told it, and its key says
 * which hook it is.
 */
export const logto: Adapter = {
  id: 'logto',
  standardMap: new Map(Object.entries(CLAIMS).map(([path, claim]) => [path, STANDARD_CLAIMS[claim]!])),

  organizations: 'event',

  events: {
    'post-sign-in': { capability: 'CapIdpHook', read: (event) => readLogin(event, true) },
    'custom-jwt': { capability: 'CapIdpHook', read: (event) => readLogin(event, false) },
    'legacy-user': { capability: 'CapIdpHook', read: readLegacy },
    'user-deleted': {
      capability: 'CapIdpLifecycle',
      read: (event) => ({
        kind: 'erasure',
        issuer: requiredName(event, 'issuer', ''),
        subject: requiredName(requiredObject(event, 'user', ''), 'id', 'user.'),
      }),
    },
    webhook: {
      capability: 'CapIdpLifecycle',
      read: readWebhook,
      signature: { form: 'hmac', header: 'logto-signature-sha-256' },
    },
    link: {
      capability: 'CapIdpLifecycle',
      read: (event) => readLink(event, requiredName(event, 'issuer', ''), 'id'),
    },
    unlink: {
      capability: 'CapIdpLifecycle',
      read: (event) => readUnlink(event, requiredName(event, 'issuer', ''), 'id'),
    },
  },

  writeBack: logtoUsers((user) => ({ ...userOf(user, '', true), issuer: undefined })),
  readToken: (claims) => readToken(claims, 'sub', [], 'organization_id'),

  refuseSource(path) {
    const [, root, key] = SOURCE.exec(path) ?? [];
    if (key === undefined) return 'A source must be customData.x, profile.x or user.x.';
    if (root !== 'customData' && !Object.hasOwn(CLAIMS, path)) return 'Logto has no such attribute.';
    return path === `customData.${LINK_KEY}` ? 'This name holds the object id.' : null;
  },

  refuseClaim(name) {
    return PROTOCOL.has(name) ? "This claim is the protocol's own." : null;
  },
};

/** A user who signs in, whom the action can change, or one of whom a token is made, which can change nothing. */
function readLogin(event: Fields, canChange: boolean): LoginEvent {
  const user = requiredObject(event, 'user', '');
  const token = optionalObject(event, 'token', '');
  return {
    ...userOf(user, 'user.', canChange ? true : 'later'),
    issuer: requiredName(event, 'issuer', ''),
    clientId: canChange ? undefined : optionalName(token, 'clientId', 'token.'),
    transaction: optionalName(token, 'jti', 'token.'),
    ...organizationIn(optionalObject(event, 'organization', ''), 'id', 'organization.'),
  };
}

/** A user whom a legacy database supplies, shown as Logto would: what the vault takes need never be there. */
function readLegacy(event: Fields): LoginEvent {
  const login = userOf(requiredObject(event, 'user', ''), 'user.', true);
  return {
    ...login,
    issuer: requiredName(event, 'issuer', ''),
    subject: `legacy:${login.subject}`,
    provisional: true,
    link: undefined,
    connection: { name: 'legacy', kind: 'legacy' },
  };
}

/** A user as Logto shows users everywhere; the hook can remove attributes, or only the Management API can, later. */
function userOf(user: Fields, at: string, removable: true | 'later'): Omit<LoginEvent, 'issuer'> {
  const customData = optionalObject(user, 'customData', at);
  const link = member(customData, LINK_KEY);
  const removal = {
    removable: removable === true,
    ...(removable === 'later' && { removableLater: true as const }),
  };
  return {
    kind: 'login',
    subject: requiredName(user, 'id', at),
    link: typeof link === 'string' ? link : undefined,
    clientId: undefined,
    transaction: undefined,
    connection: { name: 'logto', kind: 'database' },
    attributes: [
      ...Object.entries(customData)
        .filter(([key]) => key !== LINK_KEY)
        .map(([key, value]): Attribute => {
          return { path: `customData.${key}`, key, value, metadata: true, ...removal };
        }),
      ...claimsOf(user, at, removal),
    ],
    updatedAt: timeOf(member(user, 'updatedAt')),
  };
}

type Removal = Pick<Attribute, 'removable' | 'removableLater'>;

function claimsOf(user: Fields, at: string, removal: Removal): Attribute[] {
  const roots: Readonly<Record<string, Fields>> = { user, profile: optionalObject(user, 'profile', at) };
  return Object.entries(CLAIMS).flatMap(([path, claim]): Attribute[] => {
    const [root, key] = path.split('.') as [string, string];
    const value = member(roots[root]!, key);
    if (value === undefined) return [];
    return [
      {
        ...{ path, key, value: asClaim(claim, value), metadata: false },
        ...(KEPT.has(path) ? { removable: false } : removal),
        ...(VERIFIED.has(path) && { verified: true }),
      },
    ];
  });
}

/** Logto keeps phone numbers without their plus, and spells the members of an address its own way. */
function asClaim(claim: string, value: unknown): unknown {
  if (claim === 'phone_number' && typeof value === 'string') return value.replace(/^(?=\d)/, '+');
  if (claim !== 'address' || typeof value !== 'object' || value === null || Array.isArray(value))
    return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [ADDRESS_MEMBERS[name] ?? name, part as unknown]),
  );
}

const WITH_USER: ReadonlySet<string> = new Set([
  'User.Created',
  'User.Data.Updated',
  'User.SuspensionStatus.Updated',
]);

/**
 * A webhook, delivered late and in any order. Of a user who was deleted no more is read than who it was; others show the user: in `data`, or after an
 * interaction (`PostRegister`) in `user`. What else Logto tells concerns nobody here.
 */
function readWebhook(event: Fields): IdpEvent {
  const name = requiredName(event, 'event', '');
  const issuer = undefined;
  if (name === 'User.Deleted') {
    const inPath = optionalName(optionalObject(event, 'params', ''), 'userId', 'params.');
    const subject = inPath ?? requiredName(requiredObject(event, 'data', ''), 'id', 'data.');
    return { kind: 'erasure', issuer, subject };
  }
  if (name === 'Organization.Membership.Updated') return readMembership(event);
  const root = WITH_USER.has(name) ? 'data' : name === 'PostRegister' ? 'user' : null;
  if (root === null) return { kind: 'other', issuer };
  const user = optionalObject(event, root, '');
  // Some changes show only what was changed, and not of whom.
  if (member(user, 'id') === undefined) return { kind: 'other', issuer };
  const at = optionalTime(event, 'createdAt');
  const suspended = member(user, 'isSuspended');
  const login = userOf(user, `${root}.`, 'later');
  return {
    ...{ ...login, issuer, late: true, updatedAt: login.updatedAt ?? at },
    ...(typeof suspended === 'boolean' && { status: { suspended, at } }),
  };
}

/** Who was removed from an organization: `removedUserIds`, or before Logto told that, the one in the path of the request that did it. */
function readMembership(event: Fields): IdpEvent {
  const removed = member(event, 'removedUserIds');
  const inPath =
    member(event, 'method') === 'DELETE' ? member(optionalObject(event, 'params', ''), 'userId') : [];
  const ids = [removed ?? inPath ?? []].flat() as unknown[];
  if (ids.length === 0) return { kind: 'other', issuer: undefined };
  const organization = requiredName(event, 'organizationId', '');
  return {
    kind: 'batch',
    issuer: undefined,
    events: ids.map((id) => ({
      kind: 'leaving',
      issuer: undefined,
      subject: requiredName({ id }, 'id', 'removedUserIds.'),
      organization,
      at: optionalTime(event, 'createdAt'),
    })),
  };
}

/** Milliseconds since 1970. */
function timeOf(value: unknown): Date | undefined {
  const time = typeof value === 'number' ? new Date(value) : null;
  return time === null || Number.isNaN(time.getTime()) ? undefined : time;
}
