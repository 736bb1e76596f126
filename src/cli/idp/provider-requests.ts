import { LINK_ATTRIBUTE } from '../../idp/adapters/cognito.js';
import { detectPii } from '../../idp/detect-pii.js';
import { LINK_KEY } from '../../idp/event.js';
import { attributesOfCognito } from './sources.js';
import type { UserRecord } from './user-record.js';

/** What the vault says is to be done at the provider, of one user. */
export interface ToDo {
  readonly write: Readonly<Record<string, string | null>>;
  readonly scrub: readonly string[];
}

/**
 * The requests that do it, as lines of a file for whoever sends them: names, ids and nulls, never a value. `issuer` is the hook's. Empty where nothing is to be done.
 */
export function requestsFor(
  provider: string,
  issuer: string,
  id: string,
  user: UserRecord,
  todo: ToDo,
): readonly object[] {
  if (Object.keys(todo.write).length === 0 && todo.scrub.length === 0) return [];
  const link = todo.write[LINK_KEY];
  switch (provider) {
    case 'auth0':
      return auth0(id, link, todo);
    case 'cognito':
      return cognito(issuer, usernameOf(id, user), link, todo);
    case 'logto':
      return logto(id, link, todo);
    case 'keycloak':
      return keycloak(issuer, id, link, todo);
    default:
      return [{ subject: id, write: todo.write, scrub: todo.scrub }];
  }
}

type Link = string | null | undefined;

/** Metadata is merged at its root, and null removes. */
function auth0(id: string, link: Link, todo: ToDo): object[] {
  const app = { ...nulls(todo, 'app_metadata'), ...(link !== undefined && { [LINK_KEY]: link }) };
  const own = nulls(todo, 'user_metadata');
  const body = {
    ...(Object.keys(app).length > 0 && { app_metadata: app }),
    ...(Object.keys(own).length > 0 && { user_metadata: own }),
  };
  if (Object.keys(body).length === 0) return [];
  return [{ method: 'PATCH', path: `/api/v2/users/${encodeURIComponent(id)}`, body }];
}

/** Two requests, the id first: Cognito has none that does both. */
function cognito(UserPoolId: string, Username: string, link: Link, todo: ToDo): object[] {
  const whose = { UserPoolId, Username };
  const removed = [...Object.keys(nulls(todo, 'userAttributes')), ...(link === null ? [LINK_ATTRIBUTE] : [])];
  return [
    ...(typeof link === 'string'
      ? [
          {
            action: 'AdminUpdateUserAttributes',
            input: { ...whose, UserAttributes: [{ Name: LINK_ATTRIBUTE, Value: link }] },
          },
        ]
      : []),
    ...(removed.length > 0
      ? [{ action: 'AdminDeleteUserAttributes', input: { ...whose, UserAttributeNames: removed } }]
      : []),
  ];
}

/** A name that is a mail address is not written down where the pool knows the user by its own id, too. */
function usernameOf(id: string, user: UserRecord): string {
  const place = { path: 'Username', key: 'Username', value: id, metadata: false, removable: false };
  const { sub } = attributesOfCognito(user);
  return detectPii([place]).length > 0 && typeof sub === 'string' ? sub : id;
}

/** Custom data and profile are merged: what is to go becomes null or empty, as the post sign-in action does it. */
function logto(id: string, link: Link, todo: ToDo): object[] {
  const path = `/api/users/${encodeURIComponent(id)}`;
  const custom = { ...nulls(todo, 'customData'), ...(link !== undefined && { [LINK_KEY]: link }) };
  const profile = Object.fromEntries(
    Object.keys(nulls(todo, 'profile')).map((key) => [key, key === 'address' ? {} : '']),
  );
  const user = nulls(todo, 'user');
  return [
    { path: `${path}/custom-data`, body: { customData: custom }, of: custom },
    { path: `${path}/profile`, body: { profile }, of: profile },
    { path, body: user, of: user },
  ].flatMap(({ of, ...request }) => (Object.keys(of).length > 0 ? [{ method: 'PATCH', ...request }] : []));
}

/**
 * Keycloak replaces all attributes of a user at once, so whoever sends this reads the user, changes the copy and puts it back as a whole: the values that stay are not written down here.
 */
function keycloak(realm: string, id: string, link: Link, todo: ToDo): object[] {
  const path = `/admin/realms/${encodeURIComponent(realm)}/users/${encodeURIComponent(id)}`;
  const gone = [...todo.scrub, ...(link === null ? [`attributes.${LINK_KEY}`] : [])];
  return [
    {
      ...{ method: 'PUT', path },
      change: {
        ...(typeof link === 'string' && { set: { [`attributes.${LINK_KEY}`]: [link] } }),
        ...(gone.length > 0 && { remove: gone.map((place) => place.replace(/^user\./, '')) }),
      },
    },
  ];
}

/** What is scrubbed under a root, each with null in its place. */
function nulls({ scrub }: ToDo, root: string): Record<string, null> {
  const keys = scrub.filter((path) => path.startsWith(`${root}.`)).map((path) => path.slice(root.length + 1));
  return Object.fromEntries(keys.map((key) => [key, null]));
}
