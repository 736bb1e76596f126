import type { Adapter, ProviderAnswer } from '../adapter.js';
import { type ConnectionKind, type IdpEvent, LINK_KEY, type LoginEvent } from '../event.js';
import {
  type Fields,
  member,
  misfit,
  optionalName,
  optionalObject,
  optionalTime,
  requireText,
  requiredName,
  requiredObject,
} from '../event-fields.js';
import { readToken } from '../read-token.js';
import { renderImport, renderRegistration, renderToken } from './okta-commands.js';
import { passwordImport } from './okta-password.js';
import { STANDARD_MAP, attributesIn, placeOf } from './okta-profile.js';
import { originOf, readEvents } from './okta-system-events.js';
import { oktaUsers } from './okta-users.js';

const SOURCE = /^profile\.[A-Za-z]\w*$/;
/** Claims that Okta does not let a hook set; one of them makes it leave out all of an answer. Source: its page on the token inline hook. */
const RESERVED = new Set(
  'acr amr as_uri aud auth_time cid client_id exp groups iat iss jti rpt rsi scp sub token_type uid username ver'.split(
    ' ',
  ),
);
const CONNECTIONS: Readonly<Record<string, ConnectionKind>> = {
  SOCIAL: 'social',
  FEDERATION: 'enterprise',
  ACTIVE_DIRECTORY: 'enterprise',
  LDAP: 'enterprise',
};
/** Okta waits for three seconds. */
const WITHIN_MS = 2_000;
const ALLOWED = { commands: [{ type: 'com.okta.action.update', value: { registration: 'ALLOW' } }] };
const NOTHING: ProviderAnswer = { writeBack: 'answer', withinMs: WITHIN_MS, render: () => null };

/**
 * Okta's inline hooks and event hooks, which call by themselves. The issuer is the org's URL (`https://acme.okta.com`): a user is the same for all its
 * authorization servers. Only a hook of a token or an event says it, for the others the key does.
 */
export const okta: Adapter = {
  id: 'okta',
  standardMap: STANDARD_MAP,

  events: {
    token: {
      capability: 'CapIdpHook',
      read: readTokenHook,
      // An error leaves the token as it is, and Okta says so in its own log.
      answer: { writeBack: 'deferred', withinMs: WITHIN_MS, render: renderToken },
    },
    registration: {
      capability: 'CapIdpHook',
      read: readRegistration,
      answer: {
        writeBack: 'answer',
        withinMs: WITHIN_MS,
        render: (decision, event) => renderRegistration(decision, event) ?? ALLOWED,
        unchanged: ALLOWED,
        isRefresh: () => false,
      },
    },
    import: {
      capability: 'CapIdpHook',
      read: readImport,
      answer: { writeBack: 'answer', withinMs: WITHIN_MS, render: renderImport },
    },
    password: passwordImport,
    events: { capability: 'CapIdpLifecycle', read: readEvents, answer: NOTHING },
  },

  challenge: { event: 'events', header: 'x-okta-verification-challenge' },

  writeBack: oktaUsers((user) => {
    const profile = optionalObject(user, 'profile', '');
    const link = member(profile, LINK_KEY);
    return {
      ...{ kind: 'login', issuer: undefined, subject: requiredName(user, 'id', '') },
      link: typeof link === 'string' ? link : undefined,
      ...{ clientId: undefined, transaction: undefined },
      connection: { name: 'okta', kind: 'database' },
      attributes: attributesIn(profile),
      updatedAt: optionalTime(user, 'lastUpdated'),
    };
  }, placeOf),

  /** An access token names the user by login and has the id beside it. */
  readToken: (claims) => readToken(claims, Object.hasOwn(claims, 'uid') ? 'uid' : 'sub'),

  refuseSource(path) {
    if (!SOURCE.test(path)) return 'A source must be profile.x.';
    return path === `profile.${LINK_KEY}` ? 'This name holds the object id.' : null;
  },

  refuseClaim(name) {
    return RESERVED.has(name) ? 'Okta does not let a hook set this claim.' : null;
  },
};

/** Tokens are about to be made: of a user, or (then nothing is done) of a client alone. */
function readTokenHook(event: Fields): IdpEvent {
  requireText(event, 'eventType', '', 'com.okta.oauth2.tokens.transform');
  const issuer = originOf(event) ?? misfit('source', 'It must be a URL.');
  const data = requiredObject(event, 'data', '');
  const context = requiredObject(data, 'context', 'data.');
  if (member(context, 'user') === undefined) return { kind: 'other', issuer };

  const user = requiredObject(context, 'user', 'data.context.');
  const protocol = requiredObject(context, 'protocol', 'data.context.');
  const client = optionalObject(protocol, 'client', 'data.context.protocol.');
  const access = optionalObject(data, 'access', 'data.');
  const link = member(optionalObject(access, 'claims', 'data.access.'), LINK_KEY);
  const session = optionalObject(context, 'session', 'data.context.');
  return {
    ...loginOf(event, issuer),
    subject: requiredName(user, 'id', 'data.context.user.'),
    link: typeof link === 'string' ? link : undefined,
    // Where only an ID token was asked for there is nothing to put a token into.
    clientId:
      member(data, 'access') === undefined
        ? undefined
        : optionalName(client, 'id', 'data.context.protocol.client.'),
    linkLater: true,
    connection: connectionOf(optionalObject(session, 'idp', 'data.context.session.')),
    attributes: attributesIn(optionalObject(user, 'profile', 'data.context.user.'), 'later'),
  };
}

/** Somebody registers, or adds to a profile. Who registers has no id yet, and may have registered under the same login before: the event alone tells them apart. */
function readRegistration(event: Fields): LoginEvent {
  requireText(event, 'eventType', '', 'com.okta.user.pre-registration');
  const data = requiredObject(event, 'data', '');
  const login = loginOf(event, originOf(event));
  if (requiredName(event, 'requestType', '') === 'progressive.profile') {
    const context = requiredObject(data, 'context', 'data.');
    return {
      ...login,
      subject: requiredName(requiredObject(context, 'user', 'data.context.'), 'id', 'data.context.user.'),
      // What they registered with is in an object that only their first token shows.
      onlyKnown: true,
      attributes: attributesIn(requiredObject(data, 'userProfileUpdate', 'data.')),
    };
  }
  requireText(event, 'requestType', '', 'self.service.registration');
  return {
    ...login,
    subject: `registration:${requiredName(event, 'eventId', '')}`,
    provisional: true,
    attributes: attributesIn(requiredObject(data, 'userProfile', 'data.')),
  };
}

/** An application's user is imported: one of Okta's already, or one who will be and is known by the application's id until then. */
function readImport(event: Fields): LoginEvent {
  requireText(event, 'eventType', '', 'com.okta.import.transform');
  const data = requiredObject(event, 'data', '');
  const user = requiredObject(data, 'user', 'data.');
  const profile = optionalObject(user, 'profile', 'data.user.');
  const login = { ...loginOf(event, originOf(event)), attributes: attributesIn(profile) };
  const id = optionalName(user, 'id', 'data.user.');
  if (id !== undefined) return { ...login, subject: id, onlyKnown: true };

  const application = requiredObject(
    optionalObject(data, 'context', 'data.'),
    'application',
    'data.context.',
  );
  const appUser = optionalObject(data, 'appUser', 'data.');
  const appProfile = optionalObject(appUser, 'profile', 'data.appUser.');
  const app = requiredName(application, 'id', 'data.context.application.');
  const at = 'data.appUser.profile.';
  const name =
    optionalName(appProfile, 'externalId', at) ??
    optionalName(appProfile, 'userName', at) ??
    requiredName(event, 'eventId', '');
  return {
    ...login,
    subject: `import:${JSON.stringify([app, name])}`,
    provisional: true,
    connection: { name: app, kind: 'enterprise' },
  };
}

/** What is the same for every inline hook: nobody's token unless somebody says so. */
function loginOf(event: Fields, issuer: string | undefined): Omit<LoginEvent, 'subject' | 'attributes'> {
  const sentAt = optionalTime(event, 'eventTime') ?? misfit('eventTime', 'It must be a time.');
  return {
    ...{ kind: 'login', issuer, sentAt, link: undefined, clientId: undefined, updatedAt: undefined },
    transaction: requiredName(event, 'eventId', ''),
    connection: { name: 'okta', kind: 'database' },
  };
}

function connectionOf(idp: Fields): LoginEvent['connection'] {
  const type = optionalName(idp, 'type', 'data.context.session.idp.') ?? '';
  const kind = Object.hasOwn(CONNECTIONS, type) ? CONNECTIONS[type]! : 'database';
  return { name: optionalName(idp, 'id', 'data.context.session.idp.') ?? 'okta', kind };
}
