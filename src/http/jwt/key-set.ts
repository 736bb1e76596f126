import { type KeyObject, createPublicKey } from 'node:crypto';
import type { Algorithm } from './read-jwt.js';

/** NIST SP 800-57 asks for 2048 bits; past 8192 checking a signature is work that others would notice. */
const LEAST_RSA_BITS = 2048;
const MOST_RSA_BITS = 8192;
/** FIPS 186-5: an exponent of 3 has been the door to forgeries too often. */
const LEAST_EXPONENT = 65_537n;
/** Keys of one set that are looked at. Providers publish two to ten. */
const MOST_KEYS = 100;

interface VerificationKey {
  readonly keyId: string | null;
  readonly algorithm: Algorithm;
  readonly key: KeyObject;
}

/** The public keys of an issuer with which its tokens are checked. */
export class KeySet {
  readonly #keys: readonly VerificationKey[];

  constructor(keys: readonly VerificationKey[]) {
    this.#keys = keys;
  }

  get size(): number {
    return this.#keys.length;
  }

  /** The key that a token names; a token that names none is checked with the only key there is for its algorithm. */
  find(algorithm: Algorithm, keyId: string | null): KeyObject | null {
    const fitting = this.#keys.filter((key) => key.algorithm === algorithm);
    if (keyId !== null) return fitting.find((key) => key.keyId === keyId)?.key ?? null;
    return fitting.length === 1 ? fitting[0]!.key : null;
  }
}

/**
 * Reads a JWKS (RFC 7517), also as JSON text, a single key or a bare list of keys. Keys that are not for checking signatures, not of a kind
 * we take, or too weak are passed over: a provider's set may hold others. Null for what is no key set at all.
 */
export function readKeySet(document: unknown): KeySet | null {
  const value = typeof document === 'string' ? parse(document) : document;
  const list = Array.isArray(value) ? (value as unknown[]) : keysOf(value);
  return list && new KeySet(list.slice(0, MOST_KEYS).flatMap((jwk) => readKey(jwk) ?? []));
}

function keysOf(value: unknown): unknown[] | null {
  if (!isTable(value)) return null;
  if (Array.isArray(value.keys)) return value.keys as unknown[];
  return typeof value.kty === 'string' ? [value] : null;
}

function readKey(jwk: unknown): VerificationKey | null {
  if (!isTable(jwk)) return null;
  const { kid, use, key_ops: operations, alg } = jwk;
  if (kid !== undefined && typeof kid !== 'string') return null;
  if (use !== undefined && use !== 'sig') return null;
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) return null;

  const made = jwk.kty === 'RSA' ? readRsa(jwk) : jwk.kty === 'EC' ? readEc(jwk) : null;
  // The algorithm follows from the key. What the key says of it may forbid, never permit.
  if (!made || (alg !== undefined && alg !== made.algorithm)) return null;
  return { keyId: kid ?? null, ...made };
}

function readRsa({ n, e }: Table): Omit<VerificationKey, 'keyId'> | null {
  const key = importKey({ kty: 'RSA', n, e });
  const { modulusLength = 0, publicExponent = 0n } = key?.asymmetricKeyDetails ?? {};
  const strong =
    modulusLength >= LEAST_RSA_BITS && modulusLength <= MOST_RSA_BITS && publicExponent >= LEAST_EXPONENT;
  return key && strong && publicExponent % 2n === 1n ? { algorithm: 'RS256', key } : null;
}

function readEc({ crv, x, y }: Table): Omit<VerificationKey, 'keyId'> | null {
  const key = crv === 'P-256' ? importKey({ kty: 'EC', crv, x, y }) : null;
  return key && { algorithm: 'ES256', key };
}

/** Only the members named go in, so a private part is never taken. Null for a point off the curve and the like. */
function importKey(key: Table): KeyObject | null {
  if (Object.values(key).some((member) => typeof member !== 'string')) return null;
  try {
    return createPublicKey({ key: key as Record<string, string>, format: 'jwk' });
  } catch {
    return null;
  }
}

type Table = Readonly<Record<string, unknown>>;

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
