import type { Fields } from '../event-fields.js';
import { type Attribute, LINK_KEY } from '../event.js';
import { STANDARD_CLAIMS } from '../standard-claims.js';
import type { Place } from '../write-back.js';

/** Attributes of Okta's base profile that are claims by another name. Source: Okta's page on its user profile. */
const CLAIMS: Readonly<Record<string, string>> = {
  firstName: 'given_name',
  lastName: 'family_name',
  middleName: 'middle_name',
  displayName: 'name',
  nickName: 'nickname',
  email: 'email',
  mobilePhone: 'phone_number',
  primaryPhone: 'phone_number',
  locale: 'locale',
  preferredLanguage: 'locale',
  timezone: 'zoneinfo',
  timeZone: 'zoneinfo',
  profileUrl: 'website',
};
/** What users sign in or recover with, and what no profile can be without: copied, and never removed. */
const KEPT: ReadonlySet<string> = new Set([
  'login',
  'email',
  'secondEmail',
  'mobilePhone',
  'firstName',
  'lastName',
]);

/** Where in the vault they go unless the hook's map says otherwise. */
export const STANDARD_MAP: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(CLAIMS).map(([key, claim]) => [`profile.${key}`, STANDARD_CLAIMS[claim]!]),
);

/** An attribute that may be removed, by its name. */
export function placeOf(key: string): Place | null {
  return KEPT.has(key) ? null : { key, metadata: isOwn(key) };
}

/** Attributes of the org's own are as free as metadata elsewhere. */
function isOwn(key: string): boolean {
  return !Object.hasOwn(CLAIMS, key) && key !== 'login';
}

/** What a profile says of somebody, but for the object id: as far as a hook's answer may remove it, or what comes later. */
export function attributesIn(profile: Fields, removable: true | 'later' = true): Attribute[] {
  return Object.entries(profile)
    .filter(([key]) => key !== LINK_KEY)
    .map(([key, value]) => {
      const isLater = removable === 'later' && !KEPT.has(key);
      return {
        ...{ path: `profile.${key}`, key, value, metadata: isOwn(key) },
        removable: removable === true && !KEPT.has(key),
        ...(isLater && { removableLater: true as const }),
      };
    });
}
