import { isNeverIngested } from '../../idp/never-ingested.js';
import { told as toldOfLogto } from '../../idp/bundles/logto-user.js';
import type { LogtoUser } from '../../idp/bundles/logto-types.js';
import { STANDARD_CLAIMS } from '../../idp/standard-claims.js';
import { claimsOfEntry } from './ldap-claims.js';
import { claimsOfScim } from './scim-claims.js';
import { type UserRecord, memberAt } from './user-record.js';

/** How the users of one kind of file are reported to the vault. */
export interface Source {
  /** The adapter, and the event that the vault takes each user as. */
  readonly provider: string;
  readonly event: string;
  /** The event of one user. What is missing in it the vault says. */
  eventOf(user: UserRecord, context: SourceContext): Record<string, unknown>;
  /** What the provider calls the user; undefined: it does not say. */
  idOf(user: UserRecord, context: SourceContext): string | undefined;
}

/** What the operator says besides the file. */
export interface SourceContext {
  readonly issuer: string;
  /** The attribute that names the subject, where the layout leaves it open. */
  readonly subject: string | undefined;
  /** Whether names are removed at Keycloak, too. */
  readonly removesNames: boolean;
}

const METADATA = ['app_metadata', 'user_metadata'] as const;

/** An Auth0 export of users. What is no profile and no metadata stays out, tokens of other providers above all. */
const auth0: Source = {
  ...{ provider: 'auth0', event: 'post-login' },
  idOf: (user) => textAt(user, 'user_id'),
  eventOf(user, { issuer }) {
    const [identity] = listAt(user, 'identities');
    const metadata = METADATA.flatMap((root) => {
      const fields = memberAt(user, root);
      return isObject(fields) ? [[root, withoutCredentials(fields)] as const] : [];
    });
    return {
      tenant: { id: issuer },
      user: {
        ...picked(user, ['user_id', 'updated_at', ...Object.keys(STANDARD_CLAIMS)]),
        ...Object.fromEntries(metadata),
      },
      ...(identity && { connection: { name: identity.connection, strategy: identity.provider } }),
    };
  },
};

/** Users as Cognito's ListUsers answers them, or the lines of a CSV of a pool. */
const cognito: Source = {
  ...{ provider: 'cognito', event: 'pre-token-generation' },
  idOf: nameInPool,
  eventOf(user, { issuer }) {
    return {
      userPoolId: issuer,
      userName: nameInPool(user),
      request: { userAttributes: withoutCredentials(attributesOfCognito(user), 'custom:') },
    };
  },
};

function nameInPool(user: UserRecord): string | undefined {
  return textAt(user, 'Username') ?? textAt(user, 'cognito:username');
}

/** What is not the user's but the list's. */
const COGNITO_COLUMNS = /^(Username|UserStatus|Enabled|User\w*Date|MFAOptions|cognito:.*)$/;

/** The attributes as a trigger would show them. */
export function attributesOfCognito(user: UserRecord): Record<string, unknown> {
  const list = memberAt(user, 'Attributes') ?? memberAt(user, 'UserAttributes');
  if (Array.isArray(list)) {
    const pairs = (list as unknown[]).filter(isObject).filter(({ Name }) => typeof Name === 'string');
    return Object.fromEntries(pairs.map(({ Name, Value }) => [Name as string, Value]));
  }
  return Object.fromEntries(Object.entries(user).filter(([name]) => !COGNITO_COLUMNS.test(name)));
}

const keycloak: Source = {
  ...{ provider: 'keycloak', event: 'login' },
  idOf: (user) => textAt(user, 'id'),
  eventOf(user, { issuer, removesNames }) {
    const [brokered] = listAt(user, 'federatedIdentities');
    const attributes = memberAt(user, 'attributes');
    return {
      realm: issuer,
      ...(typeof brokered?.identityProvider === 'string' && { identityProvider: brokered.identityProvider }),
      ...(removesNames && { removesNames }),
      user: {
        ...picked(user, ['id', 'email', 'emailVerified', 'firstName', 'lastName']),
        ...(isObject(attributes) && { attributes: withoutCredentials(attributes) }),
      },
    };
  },
};

const logto: Source = {
  ...{ provider: 'logto', event: 'post-sign-in' },
  idOf: (user) => textAt(user, 'id'),
  eventOf: (user, { issuer }) => ({ issuer, user: toldOfLogto(user as unknown as LogtoUser) }),
};

/** Users as any program can write them: the claims of an ID token, one object each. */
const oidc: Source = {
  ...{ provider: 'oidc', event: 'login' },
  idOf: (user) => textAt(user, 'sub'),
  eventOf(user, { issuer }) {
    const { sub, claims, pii_object_id: link } = user;
    const own = isObject(claims) ? claims : Object.fromEntries(Object.entries(user).filter(isClaim));
    return { iss: issuer, sub, ...(link !== undefined && { link }), claims: withoutCredentials(own) };
  },
};

function isClaim([name]: [string, unknown]): boolean {
  return !['sub', 'iss', 'pii_object_id'].includes(name);
}

/** The directory's entries by the attribute that never changes. */
const ldif: Source = {
  ...{ provider: 'oidc', event: 'login' },
  idOf: (user, { subject = 'entryUUID' }) => textAt(user, subject.toLowerCase()),
  eventOf(user, context) {
    const sub = ldif.idOf(user, context);
    return { iss: context.issuer, sub, claims: withoutCredentials(claimsOfEntry(user)) };
  },
};

const scim: Source = {
  ...{ provider: 'oidc', event: 'login' },
  idOf: (user, { subject = 'id' }) => textAt(user, subject),
  eventOf(user, context) {
    const sub = scim.idOf(user, context);
    return { iss: context.issuer, sub, claims: withoutCredentials(claimsOfScim(user)) };
  },
};

/** What made a file -> how it is read. */
export const SOURCES: Readonly<Record<string, Source>> = {
  auth0,
  cognito,
  keycloak,
  ldif,
  logto,
  oidc,
  scim,
};

/** The member as a text; a list's first where it is one, as in a directory. */
export function textAt(user: UserRecord, path: string): string | undefined {
  const value = memberAt(user, path);
  const one: unknown = Array.isArray(value) ? value[0] : value;
  if (typeof one === 'number') return String(one);
  return typeof one === 'string' && one !== '' ? one : undefined;
}

function listAt(user: UserRecord, path: string): UserRecord[] {
  const value = memberAt(user, path);
  return Array.isArray(value) ? (value as unknown[]).filter(isObject) : [];
}

function picked(user: UserRecord, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.flatMap((name) => (Object.hasOwn(user, name) ? [[name, user[name]]] : [])));
}

/** Nothing that lets anybody in leaves this machine. */
function withoutCredentials(fields: UserRecord, prefix = ''): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).filter(([name]) => !isNeverIngested(name.replace(prefix, ''))),
  );
}

function isObject(value: unknown): value is UserRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
