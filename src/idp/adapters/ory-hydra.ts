import { type Attribute, type Decision, type IdpEvent } from '../event.js';
import {
  type Fields,
  member,
  optionalName,
  optionalObject,
  requiredName,
  requiredObject,
  verified,
} from '../event-fields.js';

/** The claim where the hook names none. */
const CLAIM = 'pii_token';
const ROOTS = ['access_token', 'id_token'] as const;

/** A token is about to be made: of a user, or (then nothing is done) of a client alone. */
export function readTokenHook(event: Fields): IdpEvent {
  const session = requiredObject(event, 'session', '');
  const request = requiredObject(event, 'request', '');
  const idToken = requiredObject(session, 'id_token', 'session.');
  const at = 'session.id_token.';
  const protocol = optionalObject(idToken, 'id_token_claims', at);
  const issuer = optionalName(protocol, 'iss', `${at}id_token_claims.`);
  if (grantsOf(event).includes('client_credentials')) return { kind: 'other', issuer };

  const claims = claimsIn(event);
  return {
    kind: 'login',
    issuer,
    subject: optionalName(idToken, 'subject', at) ?? requiredName(protocol, 'sub', `${at}id_token_claims.`),
    link: undefined,
    clientId: requiredName(request, 'client_id', 'request.'),
    // What Hydra sends twice cannot be told from a refresh of the same session.
    transaction: undefined,
    connection: { name: 'hydra', kind: 'database' },
    attributes: ROOTS.flatMap((root) => attributesIn(root, claims[root])),
    updatedAt: undefined,
  };
}

/** Whether the token is for who has one already. */
export function isRefresh(event: Fields): boolean {
  return grantsOf(event).includes('refresh_token');
}

/**
 * Hydra takes the answer for all there is in either token, so what it sent comes back, without what the vault has now. Null where that is just what it sent.
 */
export function renderTokenHook(decision: Decision, event: Fields): object | null {
  const { token, claim = CLAIM, scrub, profile } = decision;
  const claims = claimsIn(event);
  const gone = new Set(scrub);
  const rest = (root: (typeof ROOTS)[number]): [string, unknown][] =>
    Object.entries(claims[root]).filter(([key]) => !gone.has(`${root}.${key}`));

  // A token of an earlier answer is still among the claims.
  const access = Object.fromEntries(rest('access_token').filter(([key]) => key !== claim));
  const made = {
    ...(profile && { [profile.claim]: profile.complete }),
    ...(token !== undefined && { [claim]: token }),
  };
  const isMade = Object.keys(made).length > 0;
  if (!isMade && scrub.length === 0 && !Object.hasOwn(claims.access_token, claim)) return null;
  return {
    session: {
      access_token: { ...access, ...made },
      id_token: Object.fromEntries(rest('id_token')),
    },
  };
}

/** What the consent put into the tokens beside the protocol's claims. */
function claimsIn(event: Fields): Readonly<Record<(typeof ROOTS)[number], Fields>> {
  const session = optionalObject(event, 'session', '');
  const idToken = optionalObject(session, 'id_token', 'session.');
  const protocol = optionalObject(idToken, 'id_token_claims', 'session.id_token.');
  return {
    access_token: optionalObject(session, 'extra', 'session.'),
    id_token: optionalObject(protocol, 'ext', 'session.id_token.id_token_claims.'),
  };
}

function attributesIn(root: string, claims: Fields): Attribute[] {
  return Object.entries(claims).map(([key, value]) => ({
    ...{ path: `${root}.${key}`, key, value, metadata: true, removable: true },
    ...verified(claims, key),
  }));
}

function grantsOf(event: Fields): readonly unknown[] {
  const grants = member(optionalObject(event, 'request', ''), 'grant_types');
  return Array.isArray(grants) ? grants : [];
}
