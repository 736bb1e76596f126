/*
 * What verification needs of bytes, with nothing but what browsers have. Node has it too, where the tests run.
 */

export type Bytes = Uint8Array<ArrayBuffer>;

/** What is shown is not what was signed, or cannot be read as a proof at all; the message is a sentence for auditors. */
export class ProofError extends Error {}

/** This browser lacks what the check takes, or it is no secure context. It says nothing about the log. */
export class CannotCheck extends Error {}

/** The SHA-256 of the parts one after the other. Throws {@link CannotCheck} where there is no WebCrypto. */
export async function sha256(...parts: readonly Uint8Array[]): Promise<Bytes> {
  return new Uint8Array(await subtle().digest('SHA-256', concat(...parts)));
}

/** Whether an Ed25519 signature is genuine. Throws {@link CannotCheck} where the browser does not know the algorithm. */
export async function verifyEd25519(message: Bytes, publicKey: Bytes, signature: Bytes): Promise<boolean> {
  try {
    const key = await subtle().importKey('raw', publicKey, { name: 'Ed25519' }, false, ['verify']);
    return await subtle().verify('Ed25519', key, signature, message);
  } catch (error) {
    if (error instanceof Error && error.name === 'NotSupportedError') {
      throw new CannotCheck('This browser cannot verify Ed25519 signatures.');
    }
    return false;
  }
}

function subtle(): typeof globalThis.crypto.subtle {
  const found = globalThis.crypto.subtle as typeof globalThis.crypto.subtle | undefined;
  if (!found)
    throw new CannotCheck('Browsers verify proofs only on pages that came over HTTPS or from this machine.');
  return found;
}

export function concat(...parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function utf8(text: string): Bytes {
  return new Uint8Array(new TextEncoder().encode(text));
}

/** Reads standard base64 with padding in its one canonical spelling. Throws {@link ProofError} for anything else. */
export function fromBase64(text: unknown): Bytes {
  if (typeof text === 'string' && /^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0) {
    const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
    if (toBase64(bytes) === text) return bytes;
  }
  throw new ProofError('The answer holds something that is not base64.');
}

export function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** All that is compared here is public, so the time it takes tells nothing. */
export function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
