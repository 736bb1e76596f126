import { isNeverIngested } from '../never-ingested.js';
import type { Profile } from './legacy-users.js';
import type { PostFirstFactor } from './logto-types.js';

/** A user whom Logto is to make. */
export interface NewLogtoUser {
  readonly username?: string;
  readonly primaryEmail?: string;
  readonly primaryPhone?: string;
  readonly name?: string;
  readonly avatar?: string;
  readonly customData: Readonly<Record<string, unknown>>;
  readonly profile?: Readonly<Record<string, string>>;
}

/** Claims that a legacy profile has, and where Logto has them. */
const MEMBERS: Readonly<Record<string, string>> = {
  name: 'name',
  picture: 'avatar',
  username: 'username',
  email: 'primaryEmail',
  phone_number: 'primaryPhone',
};
const PROFILE: Readonly<Record<string, string>> = {
  given_name: 'givenName',
  family_name: 'familyName',
  middle_name: 'middleName',
  nickname: 'nickname',
  birthdate: 'birthdate',
  gender: 'gender',
  locale: 'locale',
  zoneinfo: 'zoneinfo',
  website: 'website',
};
const VERIFIED_BY: Readonly<Record<string, readonly string[]>> = {
  email: ['email_verified'],
  phone_number: ['phone_number_verified', 'phone_verified'],
};
const IDENTIFIERS = { username: 'username', email: 'primaryEmail', phone: 'primaryPhone' } as const;
/** What Logto takes for a user name. */
const USERNAME = /^[A-Z_a-z]\w{0,127}$/;

/**
 * A legacy profile as Logto would have it; what Logto has no member for goes into the custom data, and so does an address that is not said to be verified, since Logto takes those of its own for verified. What was signed in
 * with is what was typed: Logto refuses a user who is called otherwise. Credentials are left out.
 */
export function signingInWith(
  { type, value }: PostFirstFactor['event']['identifier'],
  { user_id: _id, ...legacy }: Profile,
): NewLogtoUser {
  const user: Record<string, string> = {};
  const profile: Record<string, string> = {};
  const customData: Record<string, unknown> = {};
  for (const [key, said] of Object.entries(legacy)) {
    if (isNeverIngested(key) || said === null || said === undefined || said === '') continue;
    const member = typeof said === 'string' ? memberFor(key, said, legacy) : undefined;
    if (typeof said !== 'string') customData[key] = said;
    else if (member !== undefined) user[member] = member === 'primaryPhone' ? digitsOf(said) : said;
    else if (Object.hasOwn(PROFILE, key)) profile[PROFILE[key]!] = said;
    else customData[key] = said;
  }
  user[IDENTIFIERS[type]] = value;
  return { ...user, customData, ...(Object.keys(profile).length > 0 && { profile }) };
}

/** The user without what the vault has now; what people sign in with is never among it. */
export function withoutTaken(user: NewLogtoUser, scrub: readonly string[]): NewLogtoUser {
  const rest = (root: string, fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
    Object.fromEntries(Object.entries(fields).filter(([key]) => !scrub.includes(`${root}.${key}`)));
  const { customData, profile, name, ...others } = user;
  const left = rest('profile', profile ?? {}) as Record<string, string>;
  return {
    ...others,
    ...(name !== undefined && !scrub.includes('user.name') && { name }),
    customData: rest('customData', customData),
    ...(Object.keys(left).length > 0 && { profile: left }),
  };
}

function memberFor(key: string, said: string, legacy: Profile): string | undefined {
  if (!Object.hasOwn(MEMBERS, key)) return undefined;
  if (key === 'username' && !USERNAME.test(said)) return undefined;
  const isVerified =
    VERIFIED_BY[key]?.some((claim) => [true, 'true'].includes(legacy[claim] as string)) ?? true;
  return isVerified ? MEMBERS[key] : undefined;
}

/** Logto keeps phone numbers without their plus. */
function digitsOf(phone: string): string {
  return phone.replace(/\D/g, '').replace(/^00/, '');
}
