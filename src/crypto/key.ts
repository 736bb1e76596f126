import { timingSafeEqual, createHmac } from 'node:crypto';
import { VaultError } from '../errors.js';
import { freshBytes, freshNonce } from './random.js';
import { SigningKey } from './signing-key.js';
import { NONCE_BYTES, TAG_BYTES, aeadOpen, aeadSeal, blake2b } from './sodium.js';
import { type TupleElement, tuple } from './tuple.js';

const KEY_BYTES = 32;
const COMMITMENT_BYTES = 32;
const FORMAT = 1;
const SUITE = 1;
const HEADER_BYTES = 2;
const SEALED_AT = HEADER_BYTES + NONCE_BYTES + COMMITMENT_BYTES;

/** Length of a wrapped key: format, suite, nonce, commitment, sealed key. */
export const WRAPPED_BYTES = SEALED_AT + KEY_BYTES + TAG_BYTES;

/**
 * A 256-bit key that can be used and never read: there is no accessor, and the bytes sit in a private field that
 * neither JSON, the inspector's preview nor a log line shows. Byte layouts: docs/FORMAT.md sections 1 and 3.
 */
export class Key {
  readonly #bytes: Uint8Array;
  #wrapping: Key | undefined;
  #committing: Key | undefined;

  private constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** A new random key. */
  static generate(): Key {
    return new Key(freshBytes(KEY_BYTES));
  }

  /** The key an operator or a root-key provider hands in: exactly 32 bytes, copied; the caller wipes its own. */
  static fromSecret(secret: Uint8Array): Key {
    if (secret.length !== KEY_BYTES) throw new RangeError('a key has 32 bytes');
    return new Key(Uint8Array.from(secret));
  }

  /** The key derived for one purpose. Equal inputs give equal keys; different labels or ids give unrelated ones. */
  sub(label: string, ...ids: readonly TupleElement[]): Key {
    return new Key(blake2b(tuple(label, ...ids), KEY_BYTES, this.#bytes));
  }

  /** Keyed BLAKE2b of `message`, `length` bytes. */
  mac(message: Uint8Array, length: number): Buffer {
    return Buffer.from(blake2b(message, length, this.#bytes));
  }

  /** HMAC-SHA-256 of `message` (RFC 2104), 32 bytes. */
  hmacSha256(message: string): Buffer {
    return createHmac('sha256', this.#bytes).update(message).digest();
  }

  /** The Ed25519 key whose seed this key is. */
  signingKey(): SigningKey {
    return new SigningKey(this.#bytes);
  }

  /** Seals `plaintext`, bound to `aad`: nonce, ciphertext and tag. */
  seal(aad: Uint8Array, plaintext: Uint8Array): Buffer {
    const nonce = freshNonce();
    return Buffer.concat([nonce, aeadSeal(this.#bytes, nonce, aad, plaintext)]);
  }

  /**
   * Seals `plaintext`, bound to `aad`, with a nonce that `nonceKey` derives from both: equal inputs give equal bytes. Safe because a nonce is
   * repeated only together with everything it seals (docs/FORMAT.md section 10).
   */
  sealDeterministically(nonceKey: Key, aad: Uint8Array, plaintext: Uint8Array): Buffer {
    const nonce = nonceKey.mac(tuple(aad, plaintext), NONCE_BYTES);
    return Buffer.concat([nonce, aeadSeal(this.#bytes, nonce, aad, plaintext)]);
  }

  /** Opens what {@link seal} or {@link sealDeterministically} made. Throws PV9010, and only that, whatever is wrong. */
  open(aad: Uint8Array, sealed: Uint8Array): Buffer {
    if (sealed.length < NONCE_BYTES + TAG_BYTES) throw cannotOpen();
    try {
      const opened = aeadOpen(
        this.#bytes,
        sealed.subarray(0, NONCE_BYTES),
        aad,
        sealed.subarray(NONCE_BYTES),
      );
      return Buffer.from(opened.buffer, opened.byteOffset, opened.length);
    } catch {
      throw cannotOpen();
    }
  }

  /** Wraps `child` under this key, bound to `aad` and committed to this key: 106 bytes. */
  wrap(child: Key, aad: Uint8Array): Buffer {
    const nonce = freshNonce();
    const sealed = aeadSeal(this.#wrappingKey().#bytes, nonce, aad, child.#bytes);
    return Buffer.concat([Buffer.of(FORMAT, SUITE), nonce, this.#commitment(nonce, aad), sealed]);
  }

  /** The child that {@link wrap} wrapped. Throws PV9010 for another key, another `aad` or changed bytes. */
  unwrap(wrapped: Uint8Array, aad: Uint8Array): Key {
    if (wrapped.length !== WRAPPED_BYTES || wrapped[0] !== FORMAT || wrapped[1] !== SUITE) throw cannotOpen();
    const nonce = wrapped.subarray(HEADER_BYTES, HEADER_BYTES + NONCE_BYTES);
    const commitment = wrapped.subarray(HEADER_BYTES + NONCE_BYTES, SEALED_AT);
    // Before decrypting: Poly1305 alone does not commit to the key, so one ciphertext could open under two.
    if (!timingSafeEqual(commitment, this.#commitment(nonce, aad))) throw cannotOpen();
    try {
      return new Key(aeadOpen(this.#wrappingKey().#bytes, nonce, aad, wrapped.subarray(SEALED_AT)));
    } catch {
      throw cannotOpen();
    }
  }

  /** Overwrites the bytes. The key is useless afterwards: everything it opens fails. */
  destroy(): void {
    this.#bytes.fill(0);
    this.#wrapping?.destroy();
    this.#committing?.destroy();
  }

  /** Derived once: a keyset's key opens one wrap after the other. */
  #wrappingKey(): Key {
    return (this.#wrapping ??= this.sub('coatcheck/v1/wrap'));
  }

  #commitment(nonce: Uint8Array, aad: Uint8Array): Uint8Array {
    this.#committing ??= this.sub('coatcheck/v1/commit');
    const message = Buffer.concat([nonce, blake2b(aad, 32)]);
    return blake2b(message, COMMITMENT_BYTES, this.#committing.#bytes);
  }
}

function cannotOpen(): VaultError {
  return new VaultError('PV9010');
}
