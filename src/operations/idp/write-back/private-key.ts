import { type JsonWebKey, type KeyObject, createPrivateKey } from 'node:crypto';
import { VaultError } from '../../../errors.js';

/** A key that a client proves itself with, and the algorithm that goes with it. */
export interface SigningKey {
  readonly key: KeyObject;
  readonly algorithm: 'RS256' | 'ES256' | 'ES384' | 'ES512';
  /** What the key's own form calls it. */
  readonly id: string | undefined;
}

const CURVES = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' } as const;
const LEAST_RSA_BITS = 2_048;

/** Reads a private key, as PEM (PKCS #8) or as a JWK. Throws PV1012, which says nothing of what was read. */
export function readPrivateKey(text: string): SigningKey {
  try {
    const jwk = text.trimStart().startsWith('{')
      ? (JSON.parse(text) as JsonWebKey & { kid?: unknown })
      : null;
    const key = createPrivateKey(jwk === null ? text : { key: jwk, format: 'jwk' });
    const algorithm = algorithmOf(key);
    if (algorithm !== undefined)
      return { key, algorithm, id: typeof jwk?.kid === 'string' ? jwk.kid : undefined };
  } catch {
    // What it says may quote the key.
  }
  throw new VaultError('PV1012', {
    field: '/private_key',
    reason:
      'It must be a private key, PEM or JWK, of RSA with 2048 bits or more, or of P-256, P-384 or P-521.',
  });
}

function algorithmOf({
  asymmetricKeyType,
  asymmetricKeyDetails,
}: KeyObject): SigningKey['algorithm'] | undefined {
  const { modulusLength = 0, namedCurve = '' } = asymmetricKeyDetails ?? {};
  if (asymmetricKeyType === 'rsa') return modulusLength >= LEAST_RSA_BITS ? 'RS256' : undefined;
  return Object.hasOwn(CURVES, namedCurve) ? CURVES[namedCurve as keyof typeof CURVES] : undefined;
}
