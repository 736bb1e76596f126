import { invalid } from '../policy/iam-fields.js';
import type { IdpHook } from '../policy/idp-hooks.js';
import type { Adapter } from './adapter.js';
import { LINK_KEY } from './event.js';
import { STANDARD_CLAIMS } from './standard-claims.js';

/** What hooks and adapters call the claims of tokens where nobody names them, and the object id. */
const TAKEN: ReadonlySet<string> = new Set([
  'pii_token',
  'pii_org_token',
  'piiToken',
  'piiOrgToken',
  LINK_KEY,
]);

/**
 * Refuses a profile that needs what the collection does not have, or whose claim would not reach the token or stand in the way of another. Throws PV9011 naming the field.
 */
export function checkProfile(
  hook: IdpHook,
  adapter: Adapter,
  hookPath: string,
  properties: ReadonlyMap<string, string>,
): void {
  const { profile, quarantine, claim, organizations } = hook;
  if (!profile) return;
  const path = `${hookPath}.profile`;
  profile.required.forEach((property, i) => {
    const place = `${path}.required[${i}]`;
    if (!properties.has(property)) invalid(place, 'A property does not exist.');
    if (property === quarantine) invalid(place, 'The quarantine is no part of a profile.');
  });
  const reason = adapter.refuseClaim(profile.claim);
  if (reason !== null) invalid(`${path}.claim`, reason);
  if (TAKEN.has(profile.claim) || profile.claim === claim || profile.claim === organizations?.claim)
    invalid(`${path}.claim`, 'This is the claim of a token or of the object id.');
  if (saysSomethingElse(profile.claim, hook, properties))
    invalid(`${path}.claim`, 'A property, or something that the provider says of users, has this name.');
}

/** Hydra sends what its last token had, and an exchange shows a whole token: what is said of the profile would be stored as what the user is. */
function saysSomethingElse(
  claim: string,
  { map, organizations }: IdpHook,
  properties: ReadonlyMap<string, string>,
): boolean {
  const sources = [...map.keys(), ...(organizations?.map.keys() ?? [])];
  return (
    properties.has(claim) ||
    Object.hasOwn(STANDARD_CLAIMS, claim) ||
    claim === organizations?.idClaim ||
    ['access_token', 'claims'].some((root) => sources.includes(`${root}.${claim}`))
  );
}
