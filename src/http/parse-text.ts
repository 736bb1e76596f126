import { isUtf8 } from 'node:buffer';
import { VaultError } from '../errors.js';

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf] as const;

/** The text of a body. Throws PV1012 for one that is not UTF-8, begins with a byte order mark or holds U+0000. */
export function parseText(bytes: Buffer): string {
  const text = decodeUtf8(bytes);
  if (text.includes('\0')) throw refused('It holds U+0000.');
  return text;
}

/** As {@link parseText}, but U+0000 passes. */
export function decodeUtf8(bytes: Buffer): string {
  if (BYTE_ORDER_MARK.every((byte, i) => bytes[i] === byte))
    throw refused('It begins with a byte order mark.');
  // A lenient decoder would put U+FFFD for what it cannot read, and another value would be stored than was sent.
  if (!isUtf8(bytes)) throw refused('It is not UTF-8.');
  return bytes.toString('utf8');
}

function refused(reason: string): VaultError {
  return new VaultError('PV1012', { field: 'body', reason });
}
