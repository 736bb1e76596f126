import { type KeyObject, createHash, generateKeyPairSync, randomUUID } from 'node:crypto';
import jsonwebtoken from 'jsonwebtoken';
import type { Credential } from '../../../idp/write-back.js';
import { readPrivateKey } from './private-key.js';

const ASSERTION_SECONDS = 300;

/** What a client is known by in place of a secret: a JWT that its private key signed, for one request (RFC 7523, 2.2). */
export function clientAssertion({ clientId, privateKey = '', keyId }: Credential, audience: string): string {
  const { key, algorithm, id } = readPrivateKey(privateKey);
  const keyid = keyId ?? id;
  return jsonwebtoken.sign({}, key, {
    ...{ algorithm, audience, issuer: clientId, subject: clientId },
    ...{ expiresIn: ASSERTION_SECONDS, jwtid: randomUUID() },
    ...(keyid !== undefined && { keyid }),
  });
}

/** A key of this process alone, to which a token is bound, so that nobody else can use it (RFC 9449). */
export class ProofKey {
  readonly #key: KeyObject;
  readonly #jwk: object;
  /** What the server last wanted to see in a proof; servers that make tokens and those that take them want their own. */
  readonly nonces: { token?: string; api?: string } = {};

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#key = privateKey;
    this.#jwk = publicKey.export({ format: 'jwk' });
  }

  /** The proof for one request; `token` is the one that it sends along. */
  proof(method: string, url: string, nonce: string | undefined, token?: string): string {
    const claims = {
      ...{ htm: method, htu: url.replace(/[?#].*$/, '') },
      ...(nonce !== undefined && { nonce }),
      ...(token !== undefined && { ath: createHash('sha256').update(token).digest('base64url') }),
    };
    return jsonwebtoken.sign(claims, this.#key, {
      ...{ algorithm: 'ES256', jwtid: randomUUID() },
      header: { alg: 'ES256', typ: 'dpop+jwt', jwk: this.#jwk } as jsonwebtoken.JwtHeader,
    });
  }
}
