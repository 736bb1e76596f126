import sodium from 'libsodium-wrappers';

await sodium.ready;

/** Bytes of nonce and tag of XChaCha20-Poly1305-IETF. */
export const NONCE_BYTES = 24;
export const TAG_BYTES = 16;

/** BLAKE2b (RFC 7693): `length` bytes over `message`, keyed where a key is given. */
export function blake2b(message: Uint8Array, length: number, key: Uint8Array | null = null): Uint8Array {
  return sodium.crypto_generichash(length, message, key);
}

/** XChaCha20-Poly1305-IETF; out: ciphertext and tag. `nonce` must come from {@link freshNonce} or be derived from all that is sealed. */
export function aeadSeal(
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
): Uint8Array {
  return sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(plaintext, aad, null, nonce, key);
}

/** The reverse of {@link aeadSeal}; throws whatever libsodium throws, which callers turn into their one error. */
export function aeadOpen(
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
  ciphertext: Uint8Array,
): Uint8Array {
  return sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, ciphertext, aad, nonce, key);
}
