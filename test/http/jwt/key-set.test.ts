import { generateKeyPairSync } from 'node:crypto';
import { readKeySet } from '../../../src/http/jwt/key-set.js';
import { ecKey, rsaKey } from '../../support/jwt.js';

const rsa = rsaKey('r');
const ec = ecKey('e');
const sizeOf = (...keys: unknown[]): number | undefined => readKeySet({ keys })?.size;

test('finds a key by algorithm and id, and without an id only where there is no choice', () => {
  const set = readKeySet({ keys: [rsa.jwk, ec.jwk] })!;
  expect(set.find('RS256', 'r')).not.toBeNull();
  expect(set.find('ES256', 'r')).toBeNull();
  expect(set.find('ES256', 'e')).not.toBeNull();
  expect(set.find('RS256', null)).not.toBeNull();
  expect(readKeySet({ keys: [rsa.jwk, rsaKey('r2').jwk] })!.find('RS256', null)).toBeNull();
});

test.each(['../../../etc/passwd', "' or 1=1 --", '__proto__', 'constructor', '\0', 'r\n'])(
  'the key id %j is a name nobody has',
  (kid) => expect(readKeySet({ keys: [rsa.jwk] })!.find('RS256', kid)).toBeNull(),
);

test('is read from a set, a single key, a list and JSON text of each', () => {
  for (const form of [{ keys: [rsa.jwk] }, rsa.jwk, [rsa.jwk]]) {
    expect(readKeySet(form)?.size).toBe(1);
    expect(readKeySet(JSON.stringify(form))?.size).toBe(1);
  }
});

test.each([null, 7, 'text', '{', {}, { keys: 'none' }, { keys: {} }])('%j is no key set', (document) => {
  expect(readKeySet(document)).toBeNull();
});

describe('passes over', () => {
  const ed = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
  test.each<[string, unknown]>([
    ['a key for encryption', { ...rsa.jwk, use: 'enc' }],
    ['a key whose operations lack verify', { ...rsa.jwk, key_ops: ['sign', 'encrypt'] }],
    ['operations that are no list', { ...rsa.jwk, key_ops: 'verify' }],
    ['a key that says another algorithm', { ...rsa.jwk, alg: 'HS256' }],
    ['a key that says RS512', { ...rsa.jwk, alg: 'RS512' }],
    ['an EC key that says RS256', { ...ec.jwk, alg: 'RS256' }],
    ['RSA of 1024 bits', rsaKey('w', 1024).jwk],
    ['RSA with exponent 3', rsaKey('w', 2048, 3).jwk],
    ['RSA with exponent 1', { ...rsa.jwk, e: 'AQ' }],
    ['RSA with an even exponent', { ...rsa.jwk, e: 'AQAC' }],
    ['a shared secret', { kty: 'oct', k: 'c2VjcmV0', kid: 'r', alg: 'HS256' }],
    ['P-384', ecKey('w', 'P-384').jwk],
    ['secp256k1', ecKey('w', 'secp256k1').jwk],
    ['Ed25519, which the library does not check', ed],
    ['a point off the curve', { ...ec.jwk, y: ec.jwk.x }],
    ['members that are no text', { ...rsa.jwk, n: 7 }],
    ['a key id that is no text', { ...rsa.jwk, kid: 7 }],
    ['what is no key', 'key'],
    ['null', null],
  ])('%s', (_what, jwk) => expect(sizeOf(jwk, ec.jwk)).toBe(1));

  test('and never takes a private part', () => {
    const jwk = { ...rsa.privateKey.export({ format: 'jwk' }), kid: 'r' };
    expect(readKeySet({ keys: [jwk] })!.find('RS256', 'r')!.type).toBe('public');
  });

  test('what comes after a hundred', () => {
    expect(sizeOf(...Array.from({ length: 150 }, () => ec.jwk))).toBe(100);
  });
});
