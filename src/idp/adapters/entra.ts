import type { Adapter } from '../adapter.js';
import { type Attribute, type Decision, type IdpEvent, LINK_KEY, type LoginEvent } from '../event.js';
import {
  type Fields,
  member,
  optionalName,
  optionalObject,
  requireText,
  requiredName,
  requiredObject,
} from '../event-fields.js';
import { graphUsers } from './entra-users.js';
import { readToken } from '../read-token.js';
import { STANDARD_CLAIMS } from '../standard-claims.js';

/** Microsoft's service that calls custom authentication extensions, in every tenant. Source: Microsoft's page on custom authentication extensions. */
const SERVICE_APP = '99045fe1-7639-4a75-9d4a-577b6ca3810f';
/** Attributes of the user in the event that are claims by another name. */
const CLAIMS: Readonly<Record<string, string>> = {
  displayName: 'name',
  givenName: 'given_name',
  surname: 'family_name',
  mail: 'email',
  preferredLanguage: 'locale',
};
/** What users sign in with, and what no user of the directory can be without: copied, and never removed. */
const KEPT: ReadonlySet<string> = new Set(['userPrincipalName', 'mail', 'displayName']);
/** What a directory that is filled from another, on premises, has from there. */
const ON_PREMISES = /^onPremises/;
/** Attributes that say nothing of the person. */
const IMPERSONAL: ReadonlySet<string> = new Set([
  'id',
  'createdDateTime',
  'userType',
  'preferredDataLocation',
]);
const SOURCE = /^user\.([A-Za-z]\w*)$/;
/** The id of a claim in the provider's configuration, of which a claims mapping policy makes the claim. Two of the 3 KB that claims may have are never reached. */
const CLAIM_ID = /^[A-Za-z]\w{0,255}$/;
const CLAIM = 'piiToken';
const ORGANIZATION_CLAIM = 'piiOrgToken';
/** Entra waits for two seconds. */
const WITHIN_MS = 1_200;

/**
 * Microsoft Entra's custom claims provider, which calls by itself and signs its calls. The issuer is the tenant's id. A user is known by the object id of the
 * directory: addresses and principal names change, and other tenants can claim them.
 */
export const entra: Adapter = {
  id: 'entra',
  standardMap: new Map(
    Object.entries(CLAIMS).map(([key, claim]) => [`user.${key}`, STANDARD_CLAIMS[claim]!]),
  ),

  organizations: 'event',

  events: {
    'token-issuance-start': {
      capability: 'CapIdpHook',
      read: readLogin,
      answer: {
        writeBack: 'deferred',
        withinMs: WITHIN_MS,
        render: ({ token, claim = CLAIM, organization, profile }: Decision) =>
          answerWith({
            // Claims are texts or lists of them.
            ...(profile && { [profile.claim]: String(profile.complete) }),
            ...(organization && { [organization.claim ?? ORGANIZATION_CLAIM]: organization.token }),
            ...(token !== undefined && { [claim]: token }),
          }),
        // Anything but an answer means that no token is made. Whether it is a refresh is not said.
        unchanged: answerWith({}),
      },
    },
    'user-deleted': {
      capability: 'CapIdpLifecycle',
      read: (event) => ({
        kind: 'erasure',
        issuer: requiredName(event, 'tenantId', ''),
        subject: requiredName(requiredObject(event, 'user', ''), 'id', 'user.'),
      }),
    },
  },

  /** Users who come from a directory on premises are changed there and nowhere else. */
  writeBack: graphUsers((user) => {
    const names = [...Object.keys(CLAIMS), 'companyName'];
    const shown = Object.fromEntries(Object.entries(user).filter(([key]) => names.includes(key)));
    return {
      ...{ kind: 'login', issuer: undefined, subject: requiredName(user, 'id', ''), link: undefined },
      ...{ clientId: undefined, transaction: undefined, updatedAt: undefined },
      connection: { name: 'entra', kind: 'enterprise' },
      attributes: attributesIn(shown, member(user, 'onPremisesSyncEnabled') !== true),
    };
  }),

  /** `sub` is another one for each application. */
  readToken: (claims) => ({
    ...readToken(claims, 'oid', [], 'tid'),
    issuer: requiredName(claims, 'tid', ''),
  }),

  refuseSource(path) {
    const [, key] = SOURCE.exec(path) ?? [];
    if (key === undefined) return 'A source must be user.x.';
    return IMPERSONAL.has(key) || key === LINK_KEY ? 'This is no attribute of the person.' : null;
  },

  refuseClaim(name) {
    return CLAIM_ID.test(name) ? null : 'The id of a claim is a letter followed by letters, digits and _.';
  },

  refuseCaller({ conf }, issuer) {
    const app = conf.boundClaims?.get('azp') ?? conf.boundClaims?.get('appid');
    if (app !== SERVICE_APP) return `It must bind azp or appid to ${SERVICE_APP}.`;
    return conf.iss.toLowerCase().includes(issuer.toLowerCase())
      ? null
      : 'Its issuer must be the one of this tenant.';
  },
};

function readLogin(event: Fields): IdpEvent {
  requireText(event, 'type', '', 'microsoft.graph.authenticationEvent.tokenIssuanceStart');
  const data = requiredObject(event, 'data', '');
  requireText(data, '@odata.type', 'data.', 'microsoft.graph.onTokenIssuanceStartCalloutData');
  const issuer = requiredName(data, 'tenantId', 'data.');
  const at = 'data.authenticationContext.';
  const context = requiredObject(data, 'authenticationContext', 'data.');
  const user = requiredObject(context, 'user', at);
  const client = optionalObject(context, 'clientServicePrincipal', at);
  return {
    kind: 'login',
    issuer,
    subject: requiredName(user, 'id', `${at}user.`),
    link: undefined,
    clientId: optionalName(client, 'appId', `${at}clientServicePrincipal.`),
    // An application may choose the correlation id, and take the same one for ever: the token of the first time would be the last.
    transaction: undefined,
    connection: { name: 'entra', kind: 'enterprise' },
    attributes: attributesIn(user, isFromOnPremises(user) ? false : 'later'),
    updatedAt: undefined,
    organization: issuer,
  } satisfies LoginEvent;
}

/** An address in a directory is what an administrator wrote there: nobody has verified it. */
function attributesIn(user: Fields, removable: boolean | 'later'): Attribute[] {
  return Object.entries(user)
    .filter(([key]) => !IMPERSONAL.has(key) && key !== LINK_KEY)
    .map(([key]) => ({
      ...{ path: `user.${key}`, key, value: member(user, key), metadata: false },
      removable: removable === true && isClearable(key),
      ...(removable === 'later' && isClearable(key) && { removableLater: true as const }),
      ...(key === 'mail' && { verified: false }),
    }));
}

/** The event does not say so, but shows what only such users have. */
function isFromOnPremises(user: Fields): boolean {
  return Object.keys(user).some((key) => ON_PREMISES.test(key) && (member(user, key) ?? '') !== '');
}

function isClearable(key: string): boolean {
  return !KEPT.has(key) && !ON_PREMISES.test(key);
}

/** The one form that Entra understands. Source: its reference of the token issuance start event. */
function answerWith(claims: Readonly<Record<string, string>>): object {
  return {
    data: {
      '@odata.type': 'microsoft.graph.onTokenIssuanceStartResponseData',
      actions: [{ '@odata.type': 'microsoft.graph.tokenIssuanceStart.provideClaimsForToken', claims }],
    },
  };
}
