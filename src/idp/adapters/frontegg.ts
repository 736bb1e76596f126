import type { Adapter } from '../adapter.js';
import {
  type Attribute,
  type ConnectionKind,
  type Decision,
  type IdpEvent,
  LINK_KEY,
  type LoginEvent,
} from '../event.js';
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
import { fronteggUsers, metadataOf, withoutKeys } from './frontegg-users.js';

/** Members of a Frontegg user that are claims by another name. All are signed in with or shown at every turn: copied, and never removed. */
const CLAIMS: Readonly<Record<string, string>> = {
  name: 'name',
  email: 'email',
  phoneNumber: 'phone_number',
  profilePictureUrl: 'picture',
};
const SOURCE = /^(user|metadata)\.(.+)$/;
/** The claim, among the custom ones, where the hook names none. */
const CLAIM = 'pii_token';
const ORGANIZATION_CLAIM = 'pii_org_token';
const CLAIM_NAME = /^[\w.:/-]{1,256}$/;
/** Frontegg waits for five seconds. */
const WITHIN_MS = 2_000;
const CONTINUE = { continue: true };
const SIGNATURE = { form: 'jwt', header: 'x-webhook-secret' } as const;
const LEFT = 'frontegg.user.removedFromTenant';
const WITH_USER: ReadonlySet<string> = new Set(
  ['activated', 'authenticated', 'created', 'invitedToTenant', 'signedUp', 'updated'].map(
    (name) => `frontegg.user.${name}`,
  ),
);

/**
 * Frontegg's prehook for the making of tokens and its webhooks, which call by themselves and sign their calls. The issuer is the environment's client id, which events name as their vendor; where one does not,
 * the secret says which hook it is. A user is the same in all accounts.
 */
export const frontegg: Adapter = {
  id: 'frontegg',
  standardMap: new Map(
    Object.entries(CLAIMS).map(([key, claim]) => [`user.${key}`, STANDARD_CLAIMS[claim]!]),
  ),

  organizations: 'event',

  events: {
    jwt: {
      capability: 'CapIdpHook',
      read: readPrehook,
      signature: SIGNATURE,
      // Whether it is a refresh is not said. What an error means is said at the prehook (its fail method).
      answer: { writeBack: 'deferred', withinMs: WITHIN_MS, render: renderPrehook, unchanged: CONTINUE },
    },
    webhook: { capability: 'CapIdpLifecycle', read: readWebhook, signature: SIGNATURE },
    'user-deleted': {
      capability: 'CapIdpLifecycle',
      read: (event) => ({
        kind: 'erasure',
        issuer: requiredName(event, 'vendorId', ''),
        subject: requiredName(requiredObject(event, 'user', ''), 'id', 'user.'),
      }),
    },
  },

  writeBack: fronteggUsers((user) => ({ ...userOf(user, '', true), issuer: undefined })),
  readToken: (claims) => readToken(claims, 'sub', [], 'tenantId'),

  refuseSource(path) {
    const [, root, key] = SOURCE.exec(path) ?? [];
    if (key === undefined) return 'A source must be user.x or metadata.x.';
    if (root === 'user' && !Object.hasOwn(CLAIMS, key)) return 'Frontegg shows no such attribute.';
    if (isNeverIngested(key)) return 'Credentials are never copied.';
    return path === `metadata.${LINK_KEY}` ? 'This name holds the object id.' : null;
  },

  refuseClaim(name) {
    return CLAIM_NAME.test(name) ? null : 'A claim has 1 to 256 letters, digits and _ . : / -.';
  },
};

/** A token is about to be made: of a user, or (then nothing is done) of an account alone. */
function readPrehook(event: Fields): IdpEvent {
  const context = contextOf(event);
  const issuer = optionalName(context, 'vendorId', 'prehookContext.');
  const claims = requiredObject(requiredObject(event, 'data', ''), 'claims', 'data.');
  if ((optionalName(claims, 'type', 'data.claims.') ?? '').startsWith('tenant'))
    return { kind: 'other', issuer };

  const id =
    optionalName(context, 'userId', 'prehookContext.') ?? requiredName(claims, 'sub', 'data.claims.');
  const user = userOf({ ...claims, id }, 'data.claims.', 'later');
  return {
    ...user,
    issuer,
    linkLater: true,
    // Frontegg calls an organization an account, and its id that of a tenant.
    ...organizationIn(
      { tenantId: member(context, 'tenantId') ?? member(claims, 'tenantId') },
      'tenantId',
      'data.claims.',
    ),
    clientId:
      optionalName(context, 'applicationId', 'prehookContext.') ??
      optionalName(claims, 'applicationId', 'data.claims.') ??
      issuer ??
      'frontegg',
    // The answer takes out of the token what a job takes out of the user.
    attributes: user.attributes.map((each) => (each.metadata ? { ...each, removable: true } : each)),
  };
}

/** `prehookContext` is what Frontegg's own code is given; other events have it under another name. */
function contextOf(event: Fields): Fields {
  const key = member(event, 'prehookContext') === undefined ? 'eventContext' : 'prehookContext';
  return optionalObject(event, key, '');
}

/**
 * The claims that Frontegg sent, with the token and what is said of the profile among the custom ones, without the metadata that the vault has now, and without the object id: no token tells whose object it is. The account's id is always said,
 * since Frontegg's own libraries need it.
 */
function renderPrehook(decision: Decision, event: Fields): object {
  const { token, claim = CLAIM, scrub, organization, profile } = decision;
  const claims = requiredObject(requiredObject(event, 'data', ''), 'claims', 'data.');
  const metadata = metadataOf(claims, 'data.claims.');
  const gone = [...scrub.map((path) => path.slice('metadata.'.length)), LINK_KEY];
  const rest = withoutKeys(metadata, gone);
  const isShorter = Object.keys(rest).length < Object.keys(metadata).length;
  const made = {
    ...(profile && { [profile.claim]: profile.complete }),
    ...(organization && { [organization.claim ?? ORGANIZATION_CLAIM]: organization.token }),
    ...(token !== undefined && { [claim]: token }),
  };
  const isMade = Object.keys(made).length > 0;
  if (!isMade && !isShorter) return CONTINUE;

  const tenantId = member(claims, 'tenantId') ?? member(contextOf(event), 'tenantId');
  const custom = optionalObject(claims, 'customClaims', 'data.claims.');
  const shown = typeof member(claims, 'metadata') === 'string' ? JSON.stringify(rest) : rest;
  return {
    ...CONTINUE,
    response: {
      claims: {
        ...claims,
        ...(tenantId !== undefined && { tenantId }),
        ...(isShorter && { metadata: shown }),
        ...(isMade && { customClaims: { ...custom, ...made } }),
      },
    },
  };
}

/** A webhook, which does not say when: a value that the vault has already stays. What else Frontegg tells concerns nobody here. */
function readWebhook(event: Fields): IdpEvent {
  const name = requiredName(event, 'eventKey', '');
  const context = optionalObject(event, 'eventContext', '');
  const issuer = optionalName(context, 'vendorId', 'eventContext.');
  if (!['frontegg.user.deleted', LEFT].includes(name) && !WITH_USER.has(name))
    return { kind: 'other', issuer };

  const user = optionalObject(event, 'user', '');
  const id = optionalName(user, 'id', 'user.') ?? requiredName(context, 'userId', 'eventContext.');
  if (name === LEFT) {
    const organization = requiredName(context, 'tenantId', 'eventContext.');
    return { kind: 'leaving', issuer, subject: id, organization, at: undefined };
  }
  if (name === 'frontegg.user.deleted') return { kind: 'erasure', issuer, subject: id };
  const locked = member(user, 'isLocked');
  return {
    ...{ ...userOf({ ...user, id }, 'user.', 'later'), issuer, late: true },
    ...(typeof locked === 'boolean' && { status: { suspended: locked, at: undefined } }),
  };
}

/** A user as Frontegg shows users everywhere; metadata can be removed now, or only through the API. */
function userOf(user: Fields, at: string, removable: true | 'later'): Omit<LoginEvent, 'issuer'> {
  const metadata = metadataOf(user, at);
  const link = member(metadata, LINK_KEY);
  return {
    kind: 'login',
    subject: requiredName(user, 'id', at),
    link: typeof link === 'string' ? link : undefined,
    clientId: undefined,
    transaction: undefined,
    connection: connectionOf(user, at),
    attributes: [
      ...Object.entries(metadata)
        .filter(([key]) => key !== LINK_KEY)
        .map(([key, value]): Attribute => ({
          ...{ path: `metadata.${key}`, key, value, metadata: true, removable: removable === true },
          ...(removable === 'later' && { removableLater: true as const }),
        })),
      ...Object.keys(CLAIMS).flatMap((key) => claimIn(user, key)),
    ],
    updatedAt: undefined,
  };
}

function claimIn(user: Fields, key: string): Attribute[] {
  const value = member(user, key);
  if (value === undefined || value === null) return [];
  const verified = member(user, 'verified') ?? member(user, 'email_verified');
  return [
    {
      ...{ path: `user.${key}`, key, value, metadata: false, removable: false },
      ...(key === 'email' && { verified: verified === true }),
    },
  ];
}

function connectionOf(user: Fields, at: string): LoginEvent['connection'] {
  const name = optionalName(user, 'provider', at) ?? 'local';
  const enterprise = ['saml', 'oidc', 'scim2'].includes(name);
  const kind: ConnectionKind = name === 'local' ? 'database' : enterprise ? 'enterprise' : 'social';
  return { name, kind };
}
