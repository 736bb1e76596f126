import { createHmac } from 'node:crypto';
import { looksLikeJwt, readJwt } from '../../../src/http/jwt/read-jwt.js';
import { b64, claimsOf, ecKey, rsaKey, signed } from '../../support/jwt.js';

const rsa = rsaKey('k1');
const claims = claimsOf('ann');

test.each([undefined, 'JWT', 'jwt', 'at+jwt', 'application/at+jwt', 'AT+JWT'])(
  'reads one of type %s',
  (typ) => {
    expect(readJwt(signed(rsa, claims, { typ }))).toEqual({ algorithm: 'RS256', keyId: 'k1', claims });
  },
);

test('reads one of an elliptic key and one without a key id', () => {
  const ec = ecKey('k2');
  expect(readJwt(signed(ec, claims))?.algorithm).toBe('ES256');
  expect(readJwt(signed(ec, claims, { kid: undefined }))?.keyId).toBeNull();
});

describe('refuses', () => {
  const header = { alg: 'RS256', kid: 'k1' };
  const hmac = (secret: string): string => {
    const body = `${b64({ alg: 'HS256', kid: 'k1' })}.${b64(claims)}`;
    return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`;
  };
  test.each<[string, string]>([
    ['no signature', `${b64({ alg: 'none' })}.${b64(claims)}.`],
    ['alg none with a signature', signed(rsa, claims, { alg: 'none' })],
    ['alg NONE', signed(rsa, claims, { alg: 'NoNe' })],
    [
      'alg HS256 with the public key as the secret',
      hmac(rsa.publicKey.export({ type: 'spki', format: 'pem' }) as string),
    ],
    ['alg HS256 with an empty secret', hmac('')],
    ['an alg that is no text', signed(rsa, claims, { alg: ['RS256'] })],
    ['PS256', signed(rsa, claims, { alg: 'PS256' })],
    ['no alg', signed(rsa, claims, { alg: undefined })],
    ['jku', signed(rsa, claims, { jku: 'https://evil.example/jwks' })],
    ['x5u', signed(rsa, claims, { x5u: 'https://evil.example/cert' })],
    ['jwk', signed(rsa, claims, { jwk: rsa.jwk })],
    ['x5c', signed(rsa, claims, { x5c: ['AAAA'] })],
    ['crit', signed(rsa, claims, { crit: ['exp'] })],
    ['an empty crit', signed(rsa, claims, { crit: [] })],
    ['b64', signed(rsa, claims, { b64: false })],
    ['encryption', signed(rsa, claims, { enc: 'A256GCM' })],
    ['a logout token', signed(rsa, claims, { typ: 'logout+jwt' })],
    ['a type that is no text', signed(rsa, claims, { typ: ['JWT'] })],
    ['a key id that is no text', signed(rsa, claims, { kid: 7 })],
    ['an empty key id', signed(rsa, claims, { kid: '' })],
    ['an algorithm given twice', signed(rsa, claims, '{"alg":"none","alg":"RS256","kid":"k1"}')],
    ['a claim given twice', signed(rsa, '{"sub":"a","sub":"b"}')],
    ['a claim given twice, once escaped', signed(rsa, '{"sub":"a","s\\u0075b":"b"}')],
    ['claims that are a list', signed(rsa, [claims])],
    ['claims that are no JSON', signed(rsa, '{')],
    ['claims that are null', signed(rsa, 'null')],
    ['claims with a NUL', signed(rsa, { ...claims, sub: 'a\0' })],
    ['claims named __proto__', signed(rsa, '{"__proto__":{"sub":"Admin"}}')],
    ['claims nested deeper than a parser likes', signed(rsa, `{"a":${'['.repeat(50)}${']'.repeat(50)}}`)],
    ['a token of 17 KiB', signed(rsa, { ...claims, pad: 'x'.repeat(13_000) })],
    ['four parts', `${signed(rsa, claims)}.x`],
    ['padding', `${signed(rsa, claims)}=`],
    ['plain base64', signed(rsa, claims).replace(/_/g, '/').replace(/-/g, '+') + '+'],
    ['white space inside', signed(rsa, claims).replace('.', '.\n')],
    ['a signature with a bit that nobody reads', otherLastLetter(signed(rsa, claims))],
    ['a header that is text', `${b64('"eyJ"')}.${b64(claims)}.AAAA`],
    ['no claims', `${b64(header)}..AAAA`],
  ])('%s', (_what, token) => expect(readJwt(token)).toBeNull());
});

test('a bearer credential is a JWT by its form, whether good or bad', () => {
  expect(looksLikeJwt(signed(rsa, claims))).toBe(true);
  expect(looksLikeJwt('eyJhbGciOiJub25lIn0.eyJzdWIiOiJBZG1pbiJ9.')).toBe(true);
  for (const key of ['pvaultauth', 'a.b.c', 'eyJust a key', 'pv_live_AAAAAAAAAAAA_x'])
    expect(looksLikeJwt(key)).toBe(false);
});

/** 256 bytes of signature leave 4 bits of the last letter unused: another letter decodes to the same bytes. */
function otherLastLetter(token: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return token.slice(0, -1) + alphabet[alphabet.indexOf(token.at(-1)!) + 1];
}
