import { VaultError } from '../../errors.js';
import { type KeysetVersion, type WrappedObjectKey, decodePacked } from '../../crypto/index.js';
import {
  type OutdatedKey,
  type RewrappedKey,
  duePosition,
  outdatedKeys,
  storeRewrapped,
} from '../../store/rewrap-keys.js';
import type { Vault } from '../vault.js';

/** Key rows looked at in one step. The objects of those that are outdated come along, up to their largest size. */
const ROWS = 100;

export interface Rewrapped {
  readonly wrapped: number;
  /** Keys that do not open: what belongs to them cannot be read either, and they stay as they are. */
  readonly damaged: number;
  /** Whether all key rows have been looked at, by this instance or another. */
  readonly done: boolean;
}

/**
 * After a rotation: wraps the keys that a retired version wrapped by the active one, 32 bytes an object; no data is touched. Goes on where it was
 * left, whoever left it. Two at once do the same work, of which each step counts once.
 */
export async function rewrapObjectKeys(
  { database, keyring }: Pick<Vault, 'database' | 'keyring'>,
  { early = false, stopped = () => false }: { early?: boolean; stopped?: () => boolean } = {},
): Promise<Rewrapped> {
  const result = { wrapped: 0, damaged: 0 };
  let from = await duePosition(database, early);
  while (from !== null && !stopped()) {
    const { last, outdated } = await outdatedKeys(database, from, ROWS);
    const keys = await Promise.all(outdated.map((row) => wrappedAnew(keyring, row)));
    const whole = keys.filter((key) => key !== null);
    // Somebody else has gone on from here: it does the rest.
    if (!(await storeRewrapped(database, from, last, whole))) break;
    result.wrapped += whole.length;
    result.damaged += keys.length - whole.length;
    from = last;
  }
  return { ...result, done: (await duePosition(database, true)) === null };
}

/** Null where it does not open. */
async function wrappedAnew(keyring: Vault['keyring'], row: OutdatedKey): Promise<RewrappedKey | null> {
  const active = await keyring.sealing(row.collection, row.tenant);
  try {
    const retired = await keyring.opening(row.key.keysetId, row.key.keysetVersion);
    return {
      collection: row.collection,
      record: row.record,
      was: row.key.wrapped,
      key: wrap(row, retired, active),
    };
  } catch (error) {
    if (error instanceof VaultError && error.code === 'PV9010') return null;
    throw error;
  }
}

function wrap(
  { collection, record, tenant, key, object }: OutdatedKey,
  from: KeysetVersion,
  to: KeysetVersion,
): WrappedObjectKey {
  const place = { tenant, collection, record };
  if (!object) return to.wrapTokenKey(from.openTokenKey(key, place), place);
  const { revision, expiresAt, owner } = object;
  const state = { revision, fields: decodePacked(object.sealed), expiresAt, owner };
  return to.wrapObjectKey(from.openObjectKey(key, place, state), place, state);
}
