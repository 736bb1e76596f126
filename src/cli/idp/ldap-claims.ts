import type { UserRecord } from './user-record.js';

/** Attributes of inetOrgPerson and schac -> claims, the better one of two first. Source: RFC 2798, RFC 4519, SCHAC 1.5. */
const CLAIMS: readonly (readonly [attribute: string, claim: string])[] = [
  ['givenname', 'given_name'],
  ['sn', 'family_name'],
  ['displayname', 'name'],
  ['cn', 'name'],
  ['mail', 'email'],
  ['mobile', 'phone_number'],
  ['telephonenumber', 'phone_number'],
  ['schacdateofbirth', 'birthdate'],
  ['preferredlanguage', 'locale'],
  ['labeleduri', 'website'],
  ['employeenumber', 'employee_id'],
  ['schacpersonaluniqueid', 'national_id'],
];
const ADDRESS: readonly (readonly [attribute: string, member: string])[] = [
  ['street', 'street_address'],
  ['l', 'locality'],
  ['st', 'region'],
  ['postalcode', 'postal_code'],
  ['c', 'country'],
];
/** What says nothing of the person, or lets somebody in: names, what the directory keeps of its entries (RFC 4512, 3.4), passwords of today and of before. */
const DIRECTORYS =
  /^(dn|objectclass|entryuuid|objectguid|objectsid|changetype|uid|jpegphoto|structuralobjectclass|creatorsname|modifiersname|(create|modify)timestamp|entry(csn|dn)|subschemasubentry|hassubordinates|.*password.*|.*pwd.*|krb.*key|supplementalcredentials)$/;

/** The claims of a directory's entry; attributes that are no claim keep their names, so that a map can name them. */
export function claimsOfEntry(entry: UserRecord): Record<string, unknown> {
  const claims: Record<string, unknown> = {};
  for (const [attribute, claim] of CLAIMS) {
    const value = one(entry, attribute);
    if (value !== undefined) claims[claim] ??= value;
  }
  const parts = ADDRESS.flatMap(([attribute, member]) => {
    const value = one(entry, attribute);
    return value === undefined ? [] : [[member, value] as const];
  });
  const postal = one(entry, 'postaladdress') ?? one(entry, 'homepostaladdress');
  // Its lines are parted by `$`.
  if (postal !== undefined) parts.push(['formatted', postal.replaceAll('$', '\n')]);
  if (parts.length > 0) claims.address = Object.fromEntries(parts);

  const used = new Set([...CLAIMS, ...ADDRESS].map(([attribute]) => attribute));
  for (const [name, values] of Object.entries(entry)) {
    if (used.has(name) || DIRECTORYS.test(name) || name.endsWith('postaladdress')) continue;
    claims[name] = Array.isArray(values) && values.length === 1 ? (values[0] as unknown) : values;
  }
  return claims;
}

/** The first: a directory lists them in no order that means anything. */
function one(entry: UserRecord, attribute: string): string | undefined {
  const values = entry[attribute];
  const value: unknown = Array.isArray(values) ? values[0] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}
