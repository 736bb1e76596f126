import type { Key } from './key.js';
import { opening } from './opening.js';
import type { SigningKey } from './signing-key.js';
import { tuple, u32 } from './tuple.js';

/** A key that signs the access log's checkpoints, as stored. */
export interface StoredLogKey {
  readonly version: number;
  /** The log's name, which is also the key's. */
  readonly origin: string;
  readonly publicKey: Buffer;
  readonly epoch: number;
  readonly wrapped: Buffer;
}

/** Wraps a new log key's seed under an epoch key. */
export function wrapLogKey(
  seed: Key,
  version: number,
  origin: string,
  epoch: number,
  epochKey: Key,
): StoredLogKey {
  const { publicKey } = seed.signingKey();
  const row = { version, origin, publicKey, epoch };
  return { ...row, wrapped: epochKey.wrap(seed, logKeyAad(row)) };
}

/** Opens a stored log key. Throws PV9010 for a row that was changed. */
export function openLogKey(row: StoredLogKey, epochKey: Key): SigningKey {
  return opening(() => epochKey.unwrap(row.wrapped, logKeyAad(row)).signingKey());
}

function logKeyAad({ version, origin, publicKey, epoch }: Omit<StoredLogKey, 'wrapped'>): Buffer {
  return tuple('coatcheck/v1/log-key', u32(version), u32(epoch), origin, publicKey);
}
