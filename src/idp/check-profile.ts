import { invalid } from '../policy/iam-fields.js';
import type { IdpHook } from '../policy/idp-hooks.js';
import type { Adapter } from './adapter.js';
import { LINK_KEY } from './event.js';

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
  { profile, quarantine, claim, organizations }: IdpHook,
  adapter: Adapter,
  hookPath: string,
  properties: ReadonlyMap<string, string>,
): void {
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
}
