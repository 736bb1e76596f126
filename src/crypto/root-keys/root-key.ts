import { OperatorError } from '../../errors.js';
import { Key } from '../key.js';

/** A problem with the root key or an epoch that stops the start; the message says what to do and holds no key. */
export class RootKeyError extends OperatorError {
  override readonly name = 'RootKeyError';
}

/** Where the key at the top of the tree comes from. A provider is one file that exports one of these. */
export interface RootKeyProvider {
  /** Shown in messages and in the health details: what kind of source, and where, never the key. */
  readonly description: string;
  /** The root key. Throws {@link RootKeyError} naming the setting to mend. */
  load(): Promise<Key>;
}

/**
 * A root key in its text form: 64 hex digits, or base64 / base64url of 32 bytes, white space around it ignored. Throws
 * {@link RootKeyError}, which never quotes the text.
 */
export function parseRootKey(text: string, source: string): Key {
  const trimmed = text.trim();
  const bytes = /^[0-9a-fA-F]{64}$/.test(trimmed)
    ? Buffer.from(trimmed, 'hex')
    : /^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed)
      ? Buffer.from(trimmed, 'base64')
      : null;
  if (bytes?.length !== 32) {
    throw new RootKeyError(`${source} does not hold a root key: 32 bytes as 64 hex digits or as base64.`);
  }
  const key = Key.fromSecret(bytes);
  bytes.fill(0);
  return key;
}
