import type { Decision } from '../event.js';
import { type VaultClient, VaultUnavailable } from './vault-client.js';

/** Reports an event to the vault, which does everything, and returns what it says to do. One round trip. */
export async function reportEvent(
  client: VaultClient,
  provider: string,
  event: string,
  body: unknown,
): Promise<Decision> {
  const path = `/api/coatcheck/1.0/idp/${provider}/${event}?reason=AppFunctionality`;
  const answer = await client.send('POST', path, body);
  if (!isDecision(answer)) throw new VaultUnavailable('something else than the vault answered');
  return answer;
}

/** Whoever answers at the vault's address may be a proxy's error page: only what is a decision is acted upon. */
function isDecision(answer: unknown): answer is Decision {
  if (typeof answer !== 'object' || answer === null) return false;
  const { write, scrub, token, claim, organization, profile, warnings } = answer as Record<string, unknown>;
  const isText = (value: unknown): boolean => value === undefined || typeof value === 'string';
  return (
    typeof write === 'object' &&
    write !== null &&
    Object.values(write).every((value) => value === null || typeof value === 'string') &&
    Array.isArray(scrub) &&
    scrub.every((path) => typeof path === 'string') &&
    Array.isArray(warnings) &&
    isText(token) &&
    isText(claim) &&
    (organization === undefined || isTokenWithClaim(organization)) &&
    (profile === undefined || isClaimOfProfile(profile))
  );
}

function isTokenWithClaim(organization: unknown): boolean {
  const { token, claim } = (organization ?? {}) as Record<string, unknown>;
  return typeof token === 'string' && (claim === undefined || typeof claim === 'string');
}

function isClaimOfProfile(profile: unknown): boolean {
  const { claim, complete } = (profile ?? {}) as Record<string, unknown>;
  return typeof claim === 'string' && claim !== '' && typeof complete === 'boolean';
}
