import { auth0 } from '../../src/idp/adapters/auth0.js';
import { oidc } from '../../src/idp/adapters/oidc.js';
import { detectPii } from '../../src/idp/detect-pii.js';
import type { Attribute, LoginEvent } from '../../src/idp/event.js';
import { mapAttributes } from '../../src/idp/map-attributes.js';
import { isNeverIngested } from '../../src/idp/never-ingested.js';
import { normaliseAttribute } from '../../src/idp/normalise.js';

const at = (key: string, value: unknown, path = `app_metadata.${key}`): Attribute => ({
  path,
  key,
  value,
  metadata: path.includes('metadata'),
  removable: true,
});

describe('what a value becomes', () => {
  test.each([
    ['STRING', '  Zo\u0065\u0308 ', { value: 'Zo\u00eb' }],
    ['STRING', '', 'absent'],
    ['STRING', '   ', 'absent'],
    ['STRING', null, 'absent'],
    ['STRING', undefined, 'absent'],
    ['STRING', [], 'absent'],
    ['STRING', ['one'], { value: 'one' }],
    ['STRING', ['one', 'two'], 'unfit'],
    ['STRING', 45860945864, { value: '45860945864' }],
    ['STRING', 2 ** 60, 'unfit'],
    ['INTEGER', '42', { value: 42 }],
    ['INTEGER', 42, { value: 42 }],
    ['BOOLEAN', 'true', { value: true }],
    ['BOOLEAN', false, { value: false }],
    ['BOOLEAN', 'yes', 'unfit'],
    ['EMAIL', ' Ada@EXAMPLE.Com ', { value: 'Ada@example.com' }],
    ['PHONE_NUMBER', '+1 (202) 555-0187', { value: '+12025550187' }],
    ['PHONE_NUMBER', '0049 30 1234567', { value: '+49301234567' }],
    ['DATE_OF_BIRTH', '0000-12-31', 'unfit'],
    ['DATE_OF_BIRTH', '18151210', { value: '1815-12-10' }],
    ['JSON', ['a', 'b'], { value: ['a', 'b'] }],
    ['ADDRESS', { formatted: '1 Main St\r\nTown' }, { value: '1 Main St\nTown' }],
    [
      'ADDRESS',
      { street_address: '1 Main St', postal_code: '12345', locality: 'Town', country: 'US' },
      { value: '1 Main St, 12345 Town, US' },
    ],
    ['ADDRESS', { street_address: '1 Main St', door_code: '7' }, 'unfit'],
    ['ADDRESS', {}, 'absent'],
  ])('%s %j', (type, value, expected) => {
    expect(normaliseAttribute(value, type)).toEqual(expected);
  });
});

describe('which property an attribute goes into', () => {
  const properties = new Set(['ssn', 'full_name', 'phone_number', 'email']);
  const map = {
    custom: new Map([['app_metadata.tax', 'ssn']]),
    standard: auth0.standardMap,
    ignore: ['app_metadata.email'],
  };
  const of = (...attributes: Attribute[]): string[] =>
    mapAttributes(attributes, map, properties).mapped.map(
      ({ property, attribute }) => `${attribute.path} ${property}`,
    );

  test('the one the operator says, before one of its own name', () => {
    expect(of(at('ssn', '1'), at('tax', '2'))).toEqual(['app_metadata.tax ssn', 'app_metadata.ssn ssn']);
  });
  test('of the profile the first of the usual names that exists', () => {
    const profile = ['name', 'phone_number', 'nickname'].map((key) => at(key, 'x', `profile.${key}`));
    expect(of(...profile)).toEqual(['profile.name full_name', 'profile.phone_number phone_number']);
  });
  test('none for what is ignored, for credentials, and for what objects inherit', () => {
    expect(of(at('email', 'x'), at('password', 'x'), at('constructor', 'x'), at('__proto__', 'x'))).toEqual(
      [],
    );
  });
});

test.each([
  'password',
  'Password_Hash',
  'userPassword',
  'access_token',
  'refreshToken',
  'client_secret',
  'totp',
  'mfa',
  'recovery_codes',
  'cookies',
  'credentials',
])('%s is never ingested', (key) => expect(isNeverIngested(key)).toBe(true));
test.each(['passport', 'ssn', 'hash_tag', 'pinterest', 'tokens_per_day', 'secretary'])('%s may be', (key) =>
  expect(isNeverIngested(key)).toBe(false),
);

test('what looks like personal data is named by its place, never by a value', () => {
  const found = detectPii([
    at('passportNumber', 'X1'),
    at('backup', 'ada@example.com'),
    at('iban_or_so', 'DE89370400440532013000'),
    at('x', '612-58-3947'),
    at('y', '4929 1234 1234 1232'),
    at('612-58-3947', true),
    at('favourite colour', 'blue'),
    at('theme', 'dark'),
    at('plan', 'pro'),
    at('order', '4929123412341238'),
    at('home_address', ''),
  ]);
  expect(found).toEqual([
    'app_metadata.passportNumber',
    'app_metadata.backup',
    'app_metadata.iban_or_so',
    'app_metadata.x',
    'app_metadata.y',
    'app_metadata.*',
  ]);
});

describe('how events are read', () => {
  const login = (event: object): LoginEvent => auth0.events['post-login']!.read(event as never) as LoginEvent;
  const least = { tenant: { id: 'acme' }, user: { user_id: 'auth0|a' } };

  test.each([
    [undefined, 'database'],
    ['auth0', 'database'],
    ['sms', 'database'],
    ['google-oauth2', 'social'],
    ['apple', 'social'],
    ['samlp', 'enterprise'],
    ['waad', 'enterprise'],
  ])('strategy %s is %s', (strategy, kind) => {
    expect(login({ ...least, connection: { strategy } }).connection.kind).toBe(kind);
  });

  test('only true, which some send as text, is verified', () => {
    for (const [said, verified] of [
      [true, true],
      ['true', true],
      ['TRUE', false],
      [1, false],
      [undefined, false],
    ] as const) {
      const { attributes } = login({
        ...least,
        user: { ...least.user, email: 'a@b.example', email_verified: said },
      });
      expect(attributes.find(({ key }) => key === 'email')?.verified).toBe(verified);
    }
  });

  test("of a profile Auth0's own members and inherited names are no attributes", () => {
    const user = {
      ...least.user,
      name: 'A',
      created_at: 'x',
      toString: 'x',
      identities: [],
      app_metadata: { user_id: 'x', theme: 'dark' },
    };
    expect(login({ ...least, user }).attributes.map(({ path }) => path)).toEqual([
      'app_metadata.theme',
      'profile.name',
    ]);
  });

  test("of an ID token the protocol's claims are no attributes", () => {
    const event = {
      iss: 'https://id.example',
      sub: 'a',
      claims: { sub: 'a', acr: '1', ssn: '1', email: 'a@b.example', updated_at: 1 },
    };
    const read = oidc.events.login!.read(event) as LoginEvent;
    expect(read.attributes.map(({ path }) => path)).toEqual(['claims.ssn', 'claims.email']);
    expect(read.updatedAt).toEqual(new Date(1000));
  });
});
