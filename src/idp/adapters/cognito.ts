import type { Adapter } from '../adapter.js';
import { type Attribute, type ConnectionKind, LINK_KEY, type LoginEvent } from '../event.js';
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
import { readLink, readUnlink } from '../link-events.js';
import { isNeverIngested } from '../never-ingested.js';
import { readToken } from '../read-token.js';
import { SAML_NAMES, claimNamed } from '../saml-names.js';
import { STANDARD_CLAIMS, standardMapUnder } from '../standard-claims.js';
import { readStatus } from '../status-events.js';

const CUSTOM = 'custom:';
/** The attribute that holds the object id in the user pool. */
export const LINK_ATTRIBUTE = `${CUSTOM}${LINK_KEY}`;
const ROOT = 'userAttributes';
/** What users sign in with, recover with or are sent codes to: copied, and never removed. */
export const FOR_SIGNING_IN: ReadonlySet<string> = new Set([
  'email',
  'email_verified',
  'phone_number',
  'phone_number_verified',
  'preferred_username',
]);
const SOCIAL: ReadonlySet<string> = new Set(['Facebook', 'Google', 'LoginWithAmazon', 'SignInWithApple']);
/** Claims that Cognito ignores or that are the protocol's. Source: Amazon's page on the pre token generation trigger. */
const RESERVED = new Set(
  'acr amr at_hash aud auth_time azp client_id cnf event_id exp iat identities iss jti nbf nonce origin_jti scope sub token_use username version'.split(
    ' ',
  ),
);

/**
 * Amazon Cognito's triggers, as the Lambda function passes them on. The issuer is the id of the user pool. A user is known by `sub`: a user name can be
 * another person's once its user is deleted.
 */
export const cognito: Adapter = {
  id: 'cognito',
  standardMap: standardMapUnder(ROOT, SAML_NAMES),

  events: {
    'pre-token-generation': { capability: 'CapIdpHook', read: readLogin },
    'user-migration': { capability: 'CapIdpHook', read: readMigration },
    'inbound-federation': { capability: 'CapIdpHook', read: readFederation },
    'user-deleted': {
      capability: 'CapIdpLifecycle',
      read: (event) => ({
        kind: 'erasure',
        issuer: requiredName(event, 'userPoolId', ''),
        subject: requiredName(event, 'sub', ''),
      }),
    },
    // No trigger tells of these: whoever calls the pool's API reports them. `identities` names what was linked by other ids than `sub`.
    'user-status': {
      capability: 'CapIdpLifecycle',
      read: (event) => readStatus(event, requiredName(event, 'userPoolId', '')),
    },
    link: {
      capability: 'CapIdpLifecycle',
      read: (event) => readLink(event, requiredName(event, 'userPoolId', ''), 'sub'),
    },
    unlink: {
      capability: 'CapIdpLifecycle',
      read: (event) => readUnlink(event, requiredName(event, 'userPoolId', ''), 'sub'),
    },
  },

  readToken: (claims) => readToken(claims),

  refuseSource(path) {
    if (!path.startsWith(`${ROOT}.`) || path.length === ROOT.length + 1)
      return 'A source must be userAttributes.x.';
    if (isNeverIngested(path.slice(ROOT.length + 1).replace(CUSTOM, '')))
      return 'Credentials are never copied.';
    return path === `${ROOT}.${LINK_ATTRIBUTE}` ? 'This name holds the object id.' : null;
  },

  refuseClaim(name) {
    return RESERVED.has(name) || /^(cognito|aws|dev):/.test(name) ? 'Cognito leaves this claim out.' : null;
  },
};

/** Also by the name that a SAML provider has for it: the pool's attribute mapping needs it. */
export function isForSigningIn(name: string): boolean {
  return FOR_SIGNING_IN.has(claimNamed(name));
}

/** Tokens are about to be made. Emulators send no `sub` of users they migrated. */
function readLogin(event: Fields): LoginEvent {
  const request = requiredObject(event, 'request', '');
  const attributes = requiredObject(request, ROOT, 'request.');
  const caller = optionalObject(event, 'callerContext', '');
  const link = member(attributes, LINK_ATTRIBUTE);
  return {
    kind: 'login',
    issuer: requiredName(event, 'userPoolId', ''),
    subject:
      optionalName(attributes, 'sub', `request.${ROOT}.`) ??
      `username:${requiredName(event, 'userName', '')}`,
    link: typeof link === 'string' ? link : undefined,
    clientId: optionalName(caller, 'clientId', 'callerContext.'),
    transaction: undefined,
    connection: connectionOf(attributes),
    attributes: attributesIn(attributes, false),
    updatedAt: updatedAt(attributes),
  };
}

/** A user whom a legacy database supplies before the pool has them: what the vault takes need never be there. */
function readMigration(event: Fields): LoginEvent {
  const legacy = requiredObject(event, 'legacy', '');
  const attributes = optionalObject(legacy, 'attributes', 'legacy.');
  return {
    kind: 'login',
    issuer: requiredName(event, 'userPoolId', ''),
    subject: `legacy:${requiredName(legacy, 'user_id', 'legacy.')}`,
    provisional: true,
    link: undefined,
    clientId: undefined,
    transaction: undefined,
    connection: { name: 'legacy', kind: 'legacy' },
    attributes: attributesIn(attributes, true),
    updatedAt: updatedAt(attributes),
  };
}

/**
 * What another provider says of somebody before the pool has them, at each of their sign-ins: what the vault takes need never be there. They are who that provider says, until a user of the pool
 * shows the object's id.
 */
function readFederation(event: Fields): LoginEvent {
  const at = 'federation.';
  const federation = requiredObject(event, 'federation', '');
  const name = requiredName(federation, 'providerName', at);
  const type = requiredName(federation, 'providerType', at);
  const attributes = optionalObject(federation, 'attributes', at);
  return {
    kind: 'login',
    issuer: requiredName(event, 'userPoolId', ''),
    subject: `federated:${JSON.stringify([name, requiredName(event, 'userName', '')])}`,
    provisional: true,
    link: undefined,
    clientId: undefined,
    transaction: undefined,
    connection: { name, kind: kindOf(type) },
    attributes: attributesIn(attributes, true),
    updatedAt: updatedAt(attributes),
  };
}

function kindOf(providerType: string): ConnectionKind {
  return SOCIAL.has(providerType) ? 'social' : 'enterprise';
}

/** Custom attributes, and the standard ones that say something of the person; of a legacy user all there are. */
function attributesIn(attributes: Fields, legacy: boolean): Attribute[] {
  return Object.entries(attributes).flatMap(([name, value]): Attribute[] => {
    const isStandard = Object.hasOwn(STANDARD_CLAIMS, name);
    const isCustom = name.startsWith(CUSTOM) || (legacy && !isStandard);
    if (name === LINK_ATTRIBUTE || (!isCustom && !isStandard)) return [];
    return [
      {
        ...{ path: `${ROOT}.${name}`, key: name.replace(CUSTOM, ''), value: structured(name, value) },
        metadata: isCustom,
        removable: legacy || !isForSigningIn(name),
        ...verified(attributes, name),
      },
    ];
  });
}

/** Every attribute is a text; an address is mostly the JSON of OpenID Connect's. */
function structured(name: string, value: unknown): unknown {
  if (name !== 'address' || typeof value !== 'string' || !value.trimStart().startsWith('{')) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

/** Where a federated user comes from stands in `identities`, a text of JSON. */
function connectionOf(attributes: Fields): LoginEvent['connection'] {
  const [identity] = identitiesIn(member(attributes, 'identities'));
  if (!identity) return { name: 'pool', kind: 'database' };
  const kind = kindOf(String(identity.providerType));
  return { name: optionalName(identity, 'providerName', 'identities.') ?? '', kind };
}

function identitiesIn(text: unknown): Fields[] {
  if (typeof text !== 'string') return [];
  try {
    const list = JSON.parse(text) as unknown;
    return Array.isArray(list)
      ? (list as unknown[]).filter((each): each is Fields => typeof each === 'object' && each !== null)
      : [];
  } catch {
    return [];
  }
}

/** Seconds since 1970, as a text. */
function updatedAt(attributes: Fields): Date | undefined {
  const text = member(attributes, 'updated_at');
  const isSeconds = typeof text === 'string' && /^\d{1,12}$/.test(text);
  return optionalTime(isSeconds ? { updated_at: Number(text) } : attributes, 'updated_at');
}
