import { randomBytes, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const SHAPE = /^pv_live_([0-9A-Za-z]{12})_[A-Za-z0-9_-]{43}([0-9A-Za-z]{6})$/;

/**
 * A new API key: a prefix that secret scanners recognise, a public id to look it up by, 256 bits of secret and a
 * checksum, so that a mistyped key is refused without asking the database (docs/FORMAT.md section 7).
 */
export function newApiKey(): { readonly key: string; readonly publicId: string } {
  const publicId = Array.from({ length: 12 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  const body = `pv_live_${publicId}_${randomBytes(32).toString('base64url')}`;
  return { key: body + checksum(body), publicId };
}

/** The public id of a key whose form and checksum are right, else null. Says nothing about whether it was ever issued. */
export function publicIdOf(key: string): string | null {
  const match = SHAPE.exec(key);
  if (!match || checksum(key.slice(0, -6)) !== match[2]) return null;
  return match[1]!;
}

function checksum(body: string): string {
  let rest = crc32(body);
  let digits = '';
  for (let i = 0; i < 6; i++) {
    digits = ALPHABET[rest % 62]! + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}
