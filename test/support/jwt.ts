import { type KeyObject, createSign, generateKeyPairSync } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

type Json = Record<string, unknown>;

/** A key of an issuer, and how its public part stands in a key set. */
export interface SigningKey {
  readonly kid: string;
  readonly algorithm: 'RS256' | 'ES256';
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly jwk: Json;
}

export function rsaKey(kid: string, modulusLength = 2048, publicExponent = 65_537): SigningKey {
  return {
    kid,
    algorithm: 'RS256',
    ...withJwk(kid, generateKeyPairSync('rsa', { modulusLength, publicExponent })),
  };
}

export function ecKey(kid: string, namedCurve = 'P-256'): SigningKey {
  return { kid, algorithm: 'ES256', ...withJwk(kid, generateKeyPairSync('ec', { namedCurve })) };
}

function withJwk(kid: string, { privateKey, publicKey }: { privateKey: KeyObject; publicKey: KeyObject }) {
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig' } as Json;
  return { privateKey, publicKey, jwk };
}

export const b64 = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** Signs header and claims as they are; either may be JSON text of the test's own making. */
export function signed(key: SigningKey, claims: unknown, header: unknown = {}): string {
  const said =
    typeof header === 'string'
      ? header
      : { alg: key.algorithm, kid: key.kid, typ: 'at+jwt', ...(header as Json) };
  const body = `${b64(said)}.${b64(claims)}`;
  const signature = createSign('sha256')
    .update(body)
    .sign({ key: key.privateKey, dsaEncoding: 'ieee-p1363' });
  return `${body}.${signature.toString('base64url')}`;
}

export const ISSUER = 'https://issuer.example';
export const AUDIENCE = 'vault';

/** Lawful claims of a subject, good for five minutes. */
export function claimsOf(sub: string, more: Json = {}): Json {
  const now = Math.floor(Date.now() / 1000);
  return { iss: ISSUER, aud: AUDIENCE, sub, iat: now, exp: now + 300, ...more };
}

/** An issuer's key server on this machine, whose answers a test decides. */
export interface KeyServer {
  readonly uri: string;
  /** Requests so far. */
  fetched: number;
  answer: (response: http.ServerResponse) => void;
  close(): Promise<void>;
}

export async function startKeyServer(...keys: SigningKey[]): Promise<KeyServer> {
  const server = http.createServer((_req, response) => {
    state.fetched += 1;
    state.answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const state: KeyServer = {
    uri: `http://127.0.0.1:${port}/jwks`,
    fetched: 0,
    answer: (response) => response.end(JSON.stringify({ keys: keys.map(({ jwk }) => jwk) })),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return state;
}
