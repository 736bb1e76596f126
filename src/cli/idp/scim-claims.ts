import { type UserRecord, memberAt } from './user-record.js';

const SIMPLE: readonly (readonly [path: string, claim: string])[] = [
  ['name.givenName', 'given_name'],
  ['name.familyName', 'family_name'],
  ['name.middleName', 'middle_name'],
  ['name.formatted', 'name'],
  ['displayName', 'name'],
  ['nickName', 'nickname'],
  ['locale', 'locale'],
  ['preferredLanguage', 'locale'],
  ['timezone', 'zoneinfo'],
  ['profileUrl', 'website'],
];
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const ADDRESS: readonly (readonly [member: string, claim: string])[] = [
  ['formatted', 'formatted'],
  ['streetAddress', 'street_address'],
  ['locality', 'locality'],
  ['region', 'region'],
  ['postalCode', 'postal_code'],
  ['country', 'country'],
];
const CORE = new Set(
  'schemas id externalId userName meta active name displayName nickName profileUrl title userType preferredLanguage locale timezone emails phoneNumbers ims photos addresses groups entitlements roles x509Certificates password'.split(
    ' ',
  ),
);

/** The claims of a SCIM user (RFC 7643). Members of extensions keep their names, so that a map can name them. */
export function claimsOfScim(user: UserRecord): Record<string, unknown> {
  const claims: Record<string, unknown> = {};
  for (const [path, claim] of SIMPLE) {
    const value = memberAt(user, path);
    if (typeof value === 'string' && value !== '') claims[claim] ??= value;
  }
  const email = chosen(user, 'emails')?.value;
  const phone = chosen(user, 'phoneNumbers', 'mobile')?.value;
  const address = chosen(user, 'addresses', 'home');
  const photo = chosen(user, 'photos', 'photo')?.value;
  const parts = ADDRESS.flatMap(([member, claim]) =>
    typeof address?.[member] === 'string' ? [[claim, address[member]] as const] : [],
  );
  return {
    ...extensionsOf(user),
    ...claims,
    ...(email !== undefined && { email }),
    // RFC 3966 writes it as a URI.
    ...(typeof phone === 'string' && { phone_number: phone.replace(/^tel:/i, '') }),
    ...(parts.length > 0 && { address: Object.fromEntries(parts) }),
    ...(photo !== undefined && { picture: photo }),
  };
}

/** The primary one, else the one of the type, else the first. */
function chosen(user: UserRecord, name: string, type?: string): UserRecord | undefined {
  const list = user[name];
  if (!Array.isArray(list)) return undefined;
  const all = (list as unknown[]).filter(
    (each): each is UserRecord => typeof each === 'object' && each !== null,
  );
  return all.find(({ primary }) => primary === true) ?? all.find((each) => each.type === type) ?? all[0];
}

function extensionsOf(user: UserRecord): Record<string, unknown> {
  const members = Object.entries(user).flatMap(([name, value]): [string, unknown][] => {
    if (CORE.has(name)) return [];
    const isExtension = name.startsWith('urn:') && typeof value === 'object' && value !== null;
    return isExtension ? Object.entries(value as UserRecord) : [[name, value]];
  });
  const claims = Object.fromEntries(members);
  const number = memberAt(user, ENTERPRISE);
  const employee = (number as UserRecord | undefined)?.employeeNumber;
  return { ...claims, ...(employee !== undefined && { employee_id: employee }) };
}
