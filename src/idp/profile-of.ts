import type { IdpProfile } from '../policy/idp-profile.js';
import type { Decision, LoginEvent } from './event.js';
import type { Found, LoginPort } from './login.js';
import type { Plan } from './plan-login.js';

/**
 * Whether the user has a value of each property that a profile needs, once these writes are stored: a login clears nothing. Said where an access token is made, and of nobody who is suspended. A
 * property that the collection lost has no value.
 */
export function profileOf(
  profile: IdpProfile | undefined,
  { properties }: LoginPort,
  { clientId }: LoginEvent,
  { held, suspended }: Found,
  writes: Plan['writes'],
): Pick<Decision, 'profile'> {
  if (!profile || clientId === undefined || suspended) return {};
  const written = new Set(writes.map(({ property }) => property));
  const { required, claim } = profile;
  const complete = required.every(
    (property) => properties.has(property) && (written.has(property) || held.text(property) !== null),
  );
  return { profile: { claim, complete } };
}
