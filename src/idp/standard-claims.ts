import { claimNamed } from './saml-names.js';

/**
 * The claims of OpenID Connect Core 5.1 that are personal data, and the names a property for each may have, the usual one first. Auth0's
 * normalized profile uses the same names.
 */
export const STANDARD_CLAIMS: Readonly<Record<string, readonly string[]>> = {
  given_name: ['given_name', 'first_name'],
  family_name: ['family_name', 'last_name'],
  middle_name: ['middle_name'],
  name: ['full_name', 'name'],
  nickname: ['nickname'],
  email: ['email'],
  email_verified: ['email_verified'],
  phone_number: ['phone', 'phone_number'],
  phone_number_verified: ['phone_verified', 'phone_number_verified'],
  phone_verified: ['phone_verified', 'phone_number_verified'],
  birthdate: ['birth_date', 'birthdate', 'date_of_birth'],
  gender: ['gender'],
  address: ['address'],
  locale: ['locale'],
  zoneinfo: ['zoneinfo'],
  picture: ['picture'],
  website: ['website'],
};

/** The properties that say whether another is verified -> that other one. */
export const VERIFICATIONS: ReadonlyMap<string, string> = new Map([
  ['email_verified', 'email'],
  ['phone_verified', 'phone'],
  ['phone_number_verified', 'phone_number'],
]);

/** Which claims say that an attribute is verified; undefined: none does. */
export function verificationOf(attribute: string): readonly string[] | undefined {
  const key = claimNamed(attribute);
  if (key === 'email') return ['email_verified'];
  return key === 'phone_number' ? ['phone_number_verified', 'phone_verified'] : undefined;
}

/** {@link STANDARD_CLAIMS} as they stand under a root, such as `profile`; `others` are attributes that are claims by another name. */
export function standardMapUnder(
  root: string,
  others: readonly string[] = [],
): ReadonlyMap<string, readonly string[]> {
  const names = [...Object.keys(STANDARD_CLAIMS), ...others];
  return new Map(names.map((name) => [`${root}.${name}`, STANDARD_CLAIMS[claimNamed(name)]!]));
}
