import { type KeyObject, createPrivateKey, createPublicKey, sign } from 'node:crypto';

/** What stands before an Ed25519 seed in PKCS #8 (RFC 8410). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC_KEY_BYTES = 32;

/** An Ed25519 key (RFC 8032) that signs. The public half can be had, the private one cannot. */
export class SigningKey {
  /** 32 bytes. */
  readonly publicKey: Buffer;
  readonly #key: KeyObject;

  /** From a seed of 32 bytes, which is copied. */
  constructor(seed: Uint8Array) {
    const der = Buffer.concat([PKCS8_PREFIX, seed]);
    this.#key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    der.fill(0);
    const spki = createPublicKey(this.#key).export({ format: 'der', type: 'spki' });
    this.publicKey = spki.subarray(-PUBLIC_KEY_BYTES);
  }

  /** The signature of a message, 64 bytes; the same one each time. */
  sign(message: Uint8Array): Buffer {
    return sign(null, message, this.#key);
  }
}
