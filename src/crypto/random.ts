import { randomFillSync } from 'node:crypto';
import { NONCE_BYTES } from './sodium.js';

/**
 * A pool of random bytes: one system call serves about 170 nonces. libsodium's own `randombytes_buf` costs some 50 us a
 * call under WebAssembly, more than everything else in a seal.
 */
const pool = Buffer.alloc(4096);
let used = pool.length;

/** A nonce that was never handed out before, 24 bytes, the caller's to keep. */
export function freshNonce(): Uint8Array {
  return freshBytes(NONCE_BYTES);
}

/** `length` (at most 4,096) random bytes from the operating system's generator. */
export function freshBytes(length: number): Uint8Array {
  if (used + length > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const bytes = Uint8Array.prototype.slice.call(pool, used, used + length);
  // The pool must not keep what it handed out: some of it becomes keys.
  pool.fill(0, used, used + length);
  used += length;
  return bytes;
}
