import { timingSafeEqual } from 'node:crypto';
import { type Epochs, FIRST_EPOCH } from './epochs.js';
import { Key } from './key.js';
import type { Keystore, StoredEpoch, StoredLookupVersion } from './keystore.js';
import { LookupKeys } from './lookup-keys.js';
import { RootKeyError } from './root-keys/root-key.js';
import { tuple, u32 } from './tuple.js';

const FIRST_LOOKUP = 1;
const EPOCH_CHECK_BYTES = 32;

/** The change of a lookup version's row that marks its vault as one whose IAM rows are authenticated. */
export interface LookupMark {
  readonly version: number;
  readonly from: Buffer;
  readonly to: Buffer;
}

/** The keys of the epochs a database knows; the first is made where it knows none. Throws {@link RootKeyError} for keys of another database. */
export async function unlockEpochs(keystore: Keystore, epochs: Epochs): Promise<Map<number, Key>> {
  let rows = await keystore.epochs();
  if (rows.length === 0) {
    const key = await epochs.first();
    rows = [await keystore.addEpoch({ epoch: FIRST_EPOCH, check: epochCheck(key, FIRST_EPOCH) })];
  }
  return openEpochsOf(rows, epochs);
}

/** The keys of the epochs with these rows; creates nothing. Throws {@link RootKeyError} where they are not the ones the rows were made with. */
export async function openEpochsOf(rows: readonly StoredEpoch[], epochs: Epochs): Promise<Map<number, Key>> {
  const open = new Map<number, Key>();
  for (const { epoch, check } of rows) {
    const key = await epochs.key(epoch);
    if (check.length !== EPOCH_CHECK_BYTES || !timingSafeEqual(check, epochCheck(key, epoch))) {
      throw new RootKeyError(
        `Wrong root key: this database was created with another one (epoch ${epoch}, ${epochs.description}). ` +
          'Start with the root key and epoch file that belong to this database.',
      );
    }
    open.set(epoch, key);
  }
  return open;
}

/** A lookup version that is open, and what marks it; null where it is marked. */
export interface OpenLookup {
  readonly lookup: LookupKeys;
  readonly isActive: boolean;
  readonly mark: LookupMark | null;
}

/** The lookup keys of every version; the first is made in a database that has none. Throws {@link RootKeyError} for a row that was changed. */
export async function unlockLookups(
  keystore: Keystore,
  epochs: ReadonlyMap<number, Key>,
): Promise<OpenLookup[]> {
  let rows = await keystore.lookupVersions();
  if (rows.length === 0) {
    const [key, epoch] = [Key.generate(), Math.max(...epochs.keys())];
    const wrapped = epochs.get(epoch)!.wrap(key, lookupAad(FIRST_LOOKUP, epoch, true));
    const seal = new LookupKeys(FIRST_LOOKUP, key).iamSeal({ serial: 0, newest: null, keys: [] });
    await keystore.addLookupVersion({ version: FIRST_LOOKUP, state: 'active', epoch, wrapped }, seal);
    rows = await keystore.lookupVersions();
  }
  return rows.map((row) => openLookup(row, epochs));
}

function openLookup(
  { version, epoch, wrapped, state }: StoredLookupVersion,
  epochs: ReadonlyMap<number, Key>,
): OpenLookup {
  const isActive = state === 'active';
  const wrapping = epochs.get(epoch);
  const marked = lookupAad(version, epoch, true);
  try {
    return { lookup: new LookupKeys(version, wrapping!.unwrap(wrapped, marked)), isActive, mark: null };
  } catch {
    // Then it is from before the mark, or broken.
  }
  try {
    const key = wrapping!.unwrap(wrapped, lookupAad(version, epoch, false));
    const mark = { version, from: wrapped, to: wrapping!.wrap(key, marked) };
    return { lookup: new LookupKeys(version, key), isActive, mark };
  } catch {
    throw new RootKeyError(
      `The database's lookup key ${version} does not open: its row in keystore.lookup_version was changed. Restore it from a backup.`,
    );
  }
}

function epochCheck(key: Key, epoch: number): Buffer {
  return key.sub('coatcheck/v1/epoch-check').mac(u32(epoch), EPOCH_CHECK_BYTES);
}

function lookupAad(version: number, epoch: number, marked: boolean): Buffer {
  const label = 'coatcheck/v1/lookup';
  return marked ? tuple(label, u32(version), u32(epoch), 'iam') : tuple(label, u32(version), u32(epoch));
}
