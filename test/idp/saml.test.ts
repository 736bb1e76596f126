import { createRequire } from 'node:module';
import { SAML } from '@node-saml/node-saml';
import { selfSigned } from './certificate.js';
import { cognito } from '../../src/idp/adapters/cognito.js';
import { oidc } from '../../src/idp/adapters/oidc.js';
import type { Attribute, LoginEvent } from '../../src/idp/event.js';
import { mapAttributes } from '../../src/idp/map-attributes.js';
import { normaliseAttribute } from '../../src/idp/normalise.js';

/* What a SAML provider really says: Auth0's library signs the response, node-saml verifies it, and the attributes, under the names that they have there, find their properties without a map. */

type Claims = Record<string, unknown>;
interface User {
  readonly id: string;
  readonly attributes: Claims;
}
interface SamlIdp {
  getSamlResponse(
    options: object,
    user: User,
    done: (error: Error | null, xml: Buffer | string) => void,
  ): void;
}
const samlp = createRequire(import.meta.url)('samlp') as SamlIdp;

const WS = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/';
const PROPERTIES = new Set([
  'given_name',
  'family_name',
  'full_name',
  'email',
  'birth_date',
  'phone',
  'theme',
]);
const idp = selfSigned('idp.example');

/** Who logged in and what is said of them, as the partner reads it from the response that it verified. */
async function saidOf(attributes: Claims): Promise<{ subject: string; claims: Claims }> {
  const audience = 'https://sp.example';
  const options = {
    ...{ ...idp, issuer: 'https://idp.example', audience, recipient: `${audience}/acs` },
    destination: `${audience}/acs`,
    profileMapper: (user: User) => ({
      getClaims: () => user.attributes,
      getNameIdentifier: () => ({ nameIdentifier: user.id }),
    }),
  };
  const xml = await new Promise<Buffer | string>((resolve, reject) =>
    samlp.getSamlResponse(options, { id: 'ada', attributes }, (error, response) =>
      error ? reject(error) : resolve(response),
    ),
  );
  const saml = new SAML({
    ...{ callbackUrl: `${audience}/acs`, issuer: audience, audience, idpCert: idp.cert },
    wantAuthnResponseSigned: false,
  });
  const SAMLResponse = Buffer.from(xml).toString('base64');
  const { profile } = await saml.validatePostResponseAsync({ SAMLResponse });
  const said = profile as unknown as { nameID: string; attributes: Claims };
  return { subject: said.nameID, claims: said.attributes };
}

function mapped({ attributes }: LoginEvent, standard: typeof oidc.standardMap): Map<string, Attribute> {
  const map = { custom: new Map<string, string>(), standard, ignore: [] };
  return new Map(
    mapAttributes(attributes, map, PROPERTIES).mapped.map((each) => [each.property, each.attribute]),
  );
}

describe.each<[string, Claims]>([
  [
    'claim types of WS-Federation',
    {
      ...{ [`${WS}givenname`]: 'Ada', [`${WS}surname`]: 'Lovelace', [`${WS}name`]: 'Ada Lovelace' },
      ...{ [`${WS}emailaddress`]: 'Ada@EXAMPLE.com', [`${WS}mobilephone`]: '+1 202 555 0187' },
      ...{ [`${WS}dateofbirth`]: '1815-12-10', [`${WS}upn`]: 'ada@corp.example', theme: 'dark' },
    },
  ],
  [
    'object identifiers',
    {
      ...{ 'urn:oid:2.5.4.42': 'Ada', 'urn:oid:2.5.4.4': 'Lovelace' },
      ...{ 'urn:oid:2.16.840.1.113730.3.1.241': 'Ada Lovelace' },
      ...{ 'urn:oid:0.9.2342.19200300.100.1.3': 'Ada@EXAMPLE.com', 'urn:oid:2.5.4.20': '+1 202 555 0187' },
      ...{ 'urn:oid:1.3.6.1.4.1.25178.1.2.3': '18151210', theme: 'dark' },
    },
  ],
  [
    'names of LDAP',
    {
      ...{ givenName: 'Ada', sn: 'Lovelace', cn: 'Ada Lovelace', mail: 'Ada@EXAMPLE.com' },
      ...{ mobile: '+1 202 555 0187', schacDateOfBirth: '18151210', theme: 'dark' },
    },
  ],
])('a signed SAML response with %s', (_, attributes) => {
  test('says what a login is told, without a map', async () => {
    const { subject, claims } = await saidOf(attributes);
    const login = oidc.events.login!.read({ iss: 'https://idp.example', sub: subject, claims }) as LoginEvent;
    const found = mapped(login, oidc.standardMap);
    const types = { birth_date: 'DATE_OF_BIRTH', email: 'EMAIL', phone: 'PHONE_NUMBER' };
    const values = [...found].map(([property, { value }]) => {
      const normal = normaliseAttribute(value, (types as Record<string, string>)[property] ?? 'STRING');
      return [property, (normal as { value: unknown }).value];
    });
    expect([subject, Object.fromEntries(values)]).toEqual([
      'ada',
      {
        ...{ given_name: 'Ada', family_name: 'Lovelace', full_name: 'Ada Lovelace', theme: 'dark' },
        ...{ email: 'Ada@example.com', phone: '+12025550187', birth_date: '1815-12-10' },
      },
    ]);
    // Nobody said that the address is verified, so it replaces none that is.
    expect(found.get('email')!.verified).toBe(false);
  });

  test('is read the same where Cognito is told it before its pool is', async () => {
    const { claims } = await saidOf(attributes);
    const federation = { providerName: 'corp', providerType: 'SAML', attributes: claims };
    const event = { userPoolId: 'pool', userName: 'corp_ada', federation };
    const found = mapped(
      cognito.events['inbound-federation']!.read(event) as LoginEvent,
      cognito.standardMap,
    );
    const names = ['given_name', 'family_name', 'full_name', 'email', 'phone', 'birth_date', 'theme'];
    expect([...found.keys()].toSorted()).toEqual(names.toSorted());
  });
});
