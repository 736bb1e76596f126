const WS_FEDERATION = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/';

/**
 * Attributes by which SAML providers and directories say what a claim of OpenID Connect says: the claim types of WS-Federation (Entra, ADFS, Auth0), object identifiers as in eduPerson deployments, and the names of LDAP. Parts of an address are
 * left out: each alone is none. Source: OASIS IMI 1.0 section 7.5, RFC 4519, RFC 2798, SCHAC 1.5.
 */
const CLAIM_OF: Readonly<Record<string, string>> = {
  [`${WS_FEDERATION}givenname`]: 'given_name',
  [`${WS_FEDERATION}surname`]: 'family_name',
  [`${WS_FEDERATION}name`]: 'name',
  [`${WS_FEDERATION}emailaddress`]: 'email',
  [`${WS_FEDERATION}mobilephone`]: 'phone_number',
  [`${WS_FEDERATION}dateofbirth`]: 'birthdate',
  [`${WS_FEDERATION}gender`]: 'gender',
  [`${WS_FEDERATION}webpage`]: 'website',
  'urn:oid:2.5.4.42': 'given_name',
  'urn:oid:2.5.4.4': 'family_name',
  'urn:oid:2.16.840.1.113730.3.1.241': 'name',
  'urn:oid:2.5.4.3': 'name',
  'urn:oid:0.9.2342.19200300.100.1.3': 'email',
  'urn:oid:0.9.2342.19200300.100.1.41': 'phone_number',
  'urn:oid:2.5.4.20': 'phone_number',
  'urn:oid:1.3.6.1.4.1.25178.1.2.3': 'birthdate',
  'urn:oid:2.16.840.1.113730.3.1.39': 'locale',
  givenName: 'given_name',
  sn: 'family_name',
  displayName: 'name',
  cn: 'name',
  mail: 'email',
  mobile: 'phone_number',
  telephoneNumber: 'phone_number',
  schacDateOfBirth: 'birthdate',
  preferredLanguage: 'locale',
  labeledURI: 'website',
};

/** The claim that an attribute is by another name; itself where it is none of these. */
export function claimNamed(attribute: string): string {
  return Object.hasOwn(CLAIM_OF, attribute) ? CLAIM_OF[attribute]! : attribute;
}

/** Every other name of a claim. */
export const SAML_NAMES: readonly string[] = Object.keys(CLAIM_OF);
