import type { Adapter } from '../adapter.js';
import { type Attribute, type ConnectionKind, LINK_KEY, type LoginEvent } from '../event.js';
import {
  type Fields,
  member,
  optionalName,
  optionalObject,
  organizationIn,
  requiredName,
  requiredObject,
} from '../event-fields.js';
import { isNeverIngested } from '../never-ingested.js';
import { readToken } from '../read-token.js';
import { STANDARD_CLAIMS } from '../standard-claims.js';

/** Keycloak's own columns of a user, each a claim by another name. */
const COLUMNS: Readonly<Record<string, string>> = {
  email: 'email',
  emailVerified: 'email_verified',
  firstName: 'given_name',
  lastName: 'family_name',
};
/** Usual names of attributes that are claims by another name; an attribute that is named like a property needs none. */
const ATTRIBUTES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.keys(STANDARD_CLAIMS).map((claim) => [claim, claim])),
  middleName: 'middle_name',
  phoneNumber: 'phone_number',
  mobile: 'phone_number',
  birthDate: 'birthdate',
  dateOfBirth: 'birthdate',
};
/** Required by a realm's user profile unless that was changed, and then whoever has none is asked for it at the next login. */
const NAMES: ReadonlySet<string> = new Set(['firstName', 'lastName']);
/** The aliases that Keycloak proposes for social networks. */
const SOCIAL = new Set(
  'bitbucket facebook github gitlab google instagram linkedin-openid-connect microsoft openshift-v4 paypal stackoverflow twitter'.split(
    ' ',
  ),
);
/** Claims of the protocol, and Keycloak's own. */
const PROTOCOL = new Set(
  'iss sub aud exp nbf iat jti typ azp nonce auth_time acr sid scope cnf act session_state realm_access resource_access allowed-origins'.split(
    ' ',
  ),
);
const SOURCE = /^(attributes|user)\.(.+)$/;

/**
 * Keycloak's script providers: an authenticator, which can change the user, and a protocol mapper, which makes the claim. The issuer is the name of the
 * realm.
 */
export const keycloak: Adapter = {
  id: 'keycloak',
  standardMap: new Map(
    [
      ...Object.entries(COLUMNS).map(([name, claim]) => [`user.${name}`, claim] as const),
      ...Object.entries(ATTRIBUTES).map(([name, claim]) => [`attributes.${name}`, claim] as const),
    ].map(([path, claim]) => [path, STANDARD_CLAIMS[claim]!]),
  ),

  organizations: 'event',

  events: {
    login: { capability: 'CapIdpHook', read: (event) => readLogin(event, true) },
    token: { capability: 'CapIdpHook', read: (event) => readLogin(event, false) },
    'user-deleted': {
      capability: 'CapIdpLifecycle',
      read: (event) => ({
        kind: 'erasure',
        issuer: requiredName(event, 'realm', ''),
        subject: requiredName(requiredObject(event, 'user', ''), 'id', 'user.'),
      }),
    },
  },

  readToken: (claims) => readToken(claims),

  refuseSource(path) {
    const [, root, key] = SOURCE.exec(path) ?? [];
    if (key === undefined) return 'A source must be attributes.x or user.x.';
    if (root === 'user' && !Object.hasOwn(COLUMNS, key)) return 'Keycloak has no such attribute.';
    return path === `attributes.${LINK_KEY}` ? 'This name holds the object id.' : null;
  },

  refuseClaim(name) {
    return PROTOCOL.has(name) ? "This claim is Keycloak's own." : null;
  },
};

/** A user who logs in, whom the authenticator can change, or one of whom a token is made, which changes nothing. */
function readLogin(event: Fields, canChange: boolean): LoginEvent {
  const user = requiredObject(event, 'user', '');
  const attributes = optionalObject(user, 'attributes', 'user.');
  const token = optionalObject(event, 'token', '');
  const broker = optionalName(event, 'identityProvider', '');
  return {
    kind: 'login',
    issuer: requiredName(event, 'realm', ''),
    subject: requiredName(user, 'id', 'user.'),
    link: linkIn(attributes),
    clientId: canChange ? undefined : optionalName(token, 'clientId', 'token.'),
    transaction: optionalName(token, 'jti', 'token.'),
    connection: { name: broker ?? 'keycloak', kind: kindOf(broker) },
    attributes: [
      ...Object.entries(attributes).flatMap(([key, value]): Attribute[] =>
        key === LINK_KEY || isNeverIngested(key)
          ? []
          : [{ path: `attributes.${key}`, key, value, metadata: true, removable: canChange }],
      ),
      ...columnsOf(user, canChange && member(event, 'removesNames') === true),
    ],
    updatedAt: undefined,
    ...organizationIn(event, 'organization', ''),
  };
}

/** Users sign in with their email; it is copied and stays. */
function columnsOf(user: Fields, removesNames: boolean): Attribute[] {
  return Object.keys(COLUMNS).flatMap((key): Attribute[] => {
    const value = member(user, key);
    if (value === undefined || value === null) return [];
    return [
      {
        ...{ path: `user.${key}`, key, value, metadata: false, removable: removesNames && NAMES.has(key) },
        ...(key === 'email' && { verified: member(user, 'emailVerified') === true }),
      },
    ];
  });
}

/** Every attribute is a list. */
function linkIn(attributes: Fields): string | undefined {
  const value = member(attributes, LINK_KEY);
  const link: unknown = Array.isArray(value) ? value[0] : value;
  return typeof link === 'string' ? link : undefined;
}

function kindOf(broker: string | undefined): ConnectionKind {
  if (broker === undefined) return 'database';
  return SOCIAL.has(broker) ? 'social' : 'enterprise';
}
