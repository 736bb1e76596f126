import type { Key } from './key.js';

/** The sub-keys of one keyset version for what is encrypted for callers (docs/FORMAT.md section 10). */
export class CiphertextKeys {
  readonly #randomized: Key;
  readonly #deterministic: Key;
  readonly #nonce: Key;
  readonly #commitment: Key;

  constructor(key: Key) {
    this.#randomized = key.sub('coatcheck/v1/ciphertext');
    this.#deterministic = key.sub('coatcheck/v1/ciphertext-deterministic');
    this.#nonce = key.sub('coatcheck/v1/ciphertext-nonce');
    this.#commitment = key.sub('coatcheck/v1/ciphertext-commitment');
  }

  /** Nonce, ciphertext and tag. The types have keys of their own, so that their nonces never meet under one. */
  seal(deterministic: boolean, aad: Uint8Array, content: Uint8Array): Buffer {
    if (!deterministic) return this.#randomized.seal(aad, content);
    return this.#deterministic.sealDeterministically(this.#nonce, aad, content);
  }

  /** Opens what {@link seal} made. Throws PV9010. */
  open(deterministic: boolean, aad: Uint8Array, sealed: Uint8Array): Buffer {
    return (deterministic ? this.#deterministic : this.#randomized).open(aad, sealed);
  }

  /** Ties a nonce and what is bound to it to this key: Poly1305 alone would let a ciphertext open under two keys. */
  commitment(message: Uint8Array, length: number): Buffer {
    return this.#commitment.mac(message, length);
  }
}
