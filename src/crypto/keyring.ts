import { randomUUID } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { VaultError } from '../errors.js';
import type { Epochs } from './epochs.js';
import { Key } from './key.js';
import { KeysetVersion } from './keyset.js';
import { type StoredLogKey, openLogKey, wrapLogKey } from './log-key.js';
import type { KeyState, Keystore, StoredKeysetVersion } from './keystore.js';
import type { LookupKeys } from './lookup-keys.js';
import { opening } from './opening.js';
import { RootKeyError } from './root-keys/root-key.js';
import type { SigningKey } from './signing-key.js';
import { tuple, u32, uuidBytes } from './tuple.js';
import { type LookupMark, openEpochsOf, unlockEpochs, unlockLookups } from './unlock.js';

const FIRST = 1;
/** Keysets kept unwrapped. One per collection and tenant, so a vault of very many tenants must not keep them all. */
const CACHED_KEYSETS = 10_000;
/** Keysets that get a new version in one transaction. */
const ROTATED_AT_ONCE = 500;
const BEFORE_ALL_IDS = '00000000-0000-0000-0000-000000000000';
/** How long "version 3 is the active one", or "it is not destroyed", may be believed while another instance may have changed it unheard. */
const BELIEVED_MS = 5_000;

/**
 * The keys that are open while the vault runs: epochs and lookup versions always, keyset versions as they are met. It hands out
 * handles that seal and open, never bytes.
 */
export class Keyring {
  /** The active lookup version: what new blind indexes and hashes are made with. */
  readonly lookup: LookupKeys;
  /**
   * What to change in the database once its IAM rows have been signed; empty where they were. The mark is in how the lookup keys are wrapped,
   * so nobody without the epoch key can make it, and taking it away takes an older row.
   */
  readonly marks: readonly LookupMark[];
  readonly #lookups: ReadonlyMap<number, LookupKeys>;
  readonly #epochs: ReadonlyMap<number, Key>;
  readonly #activeEpoch: number;
  readonly #keystore: Keystore;
  readonly #open = new LRUCache<string, Promise<KeysetVersion>>({
    max: CACHED_KEYSETS,
    ttl: BELIEVED_MS,
  });
  readonly #active = new LRUCache<string, Promise<KeysetVersion>>({
    max: CACHED_KEYSETS,
    ttl: BELIEVED_MS,
  });

  private constructor(
    keystore: Keystore,
    epochs: ReadonlyMap<number, Key>,
    lookups: ReadonlyMap<number, LookupKeys>,
    activeLookup: number,
    marks: readonly LookupMark[],
  ) {
    this.#keystore = keystore;
    this.#epochs = epochs;
    this.#activeEpoch = Math.max(...epochs.keys());
    this.#lookups = lookups;
    this.lookup = lookups.get(activeLookup)!;
    this.marks = marks;
  }

  /**
   * Opens the vault's keys, creating the first of each in a database that has none. Throws {@link RootKeyError} where
   * the root key or the epochs are not the ones the database was made with: here, not at the first decryption.
   */
  static async unlock(keystore: Keystore, epochs: Epochs): Promise<Keyring> {
    const openEpochs = await unlockEpochs(keystore, epochs);
    const opened = await unlockLookups(keystore, openEpochs);
    const lookups = new Map(opened.map(({ lookup }) => [lookup.version, lookup]));
    // One marked row is enough: an older one of another version must not bring back the time before.
    const marks = opened.some(({ mark }) => mark === null) ? [] : opened.flatMap(({ mark }) => mark ?? []);
    const active = opened.find(({ isActive }) => isActive);
    if (!active) throw new RootKeyError('The database has no active lookup key.');
    return new Keyring(keystore, openEpochs, lookups, active.lookup.version, marks);
  }

  /** Throws {@link RootKeyError} where the epochs are no longer those of the database, or cannot be had; creates nothing. */
  static async verify(keystore: Keystore, epochs: Epochs): Promise<void> {
    await openEpochsOf(await keystore.epochs(), epochs);
  }

  /** The lookup keys of one version. Throws PV9010 where there is none. */
  lookupVersion(version: number): LookupKeys {
    const keys = this.#lookups.get(version);
    if (!keys) throw new VaultError('PV9010');
    return keys;
  }

  /** All lookup versions there are, the active one first: what was made under an earlier one must still be found. */
  get lookups(): readonly LookupKeys[] {
    return [this.lookup, ...[...this.#lookups.values()].filter((each) => each !== this.lookup)];
  }

  /** The keyset version that new object keys of a collection (0: the vault itself) and tenant are wrapped by; made at first use. */
  async sealing(collection: number, tenant: string): Promise<KeysetVersion> {
    const name = `${collection}/${tenant}`;
    let version = this.#active.get(name);
    if (!version) {
      version = this.#loadActive(collection, tenant);
      this.#remember(this.#active, name, version);
    }
    return version;
  }

  /** The keyset version a row names. An unknown one is looked up, so another instance's rotation is never an error. Throws PV9010. */
  async opening(keysetId: string, version: number): Promise<KeysetVersion> {
    const name = `${keysetId}/${version}`;
    let loaded = this.#open.get(name);
    if (!loaded) {
      loaded = this.#load(keysetId, version);
      this.#remember(this.#open, name, loaded);
    }
    return loaded;
  }

  /** A new key to sign the access log's checkpoints with, not yet stored anywhere. */
  newLogKey(version: number, origin: string): StoredLogKey {
    const epoch = this.#activeEpoch;
    return wrapLogKey(Key.generate(), version, origin, epoch, this.#epochs.get(epoch)!);
  }

  /** A stored key that signs checkpoints. Throws PV9010 for a row that was changed. */
  openLogKey(row: StoredLogKey): SigningKey {
    const epochKey = this.#epochs.get(row.epoch);
    if (!epochKey) throw new VaultError('PV9010');
    return openLogKey(row, epochKey);
  }

  /**
   * Gives every keyset a new active version; those before it go on opening what they wrapped. A version becomes active only after it was read
   * back and opened. The lookup lineage is left alone: what must stay findable does (architecture.md D9).
   */
  async rotate(): Promise<void> {
    for (let after = BEFORE_ALL_IDS; ;) {
      const rotated = await this.#keystore.rotateKeysets(
        after,
        ROTATED_AT_ONCE,
        (active, version) => this.#wrapNew({ ...active, version, epoch: this.#activeEpoch }, 'pending'),
        (stored) => void this.#unwrap(stored),
      );
      this.forget();
      if (rotated.length < ROTATED_AT_ONCE) return;
      after = rotated.at(-1)!;
    }
  }

  /** Forgets which versions are active and lets go of those that are open, after a change here or elsewhere: one may be destroyed. */
  forget(): void {
    this.#active.clear();
    this.#open.clear();
  }

  async #loadActive(collection: number, tenant: string): Promise<KeysetVersion> {
    const stored =
      (await this.#keystore.activeKeyset(collection, tenant)) ??
      (await this.#keystore.addKeyset(this.#newKeyset(collection, tenant)));
    return this.#unwrap(stored);
  }

  async #load(keysetId: string, version: number): Promise<KeysetVersion> {
    const stored = await this.#keystore.keysetVersion(keysetId, version);
    if (!stored || stored.state === 'destroyed') throw new VaultError('PV9010');
    return this.#unwrap(stored);
  }

  #newKeyset(collection: number, tenant: string): StoredKeysetVersion {
    const identity = { keysetId: randomUUID(), version: FIRST, epoch: this.#activeEpoch, collection, tenant };
    return this.#wrapNew(identity, 'active');
  }

  #wrapNew(
    { keysetId, version, epoch, collection, tenant }: Omit<StoredKeysetVersion, 'state' | 'wrapped'>,
    state: KeyState,
  ): StoredKeysetVersion {
    const identity = { keysetId, version, epoch, collection, tenant };
    const wrapped = this.#epochs.get(epoch)!.wrap(Key.generate(), keysetAad(identity));
    return { ...identity, state, wrapped };
  }

  #unwrap(stored: StoredKeysetVersion): KeysetVersion {
    return opening(() => {
      const epoch = this.#epochs.get(stored.epoch)!;
      return new KeysetVersion(
        stored.keysetId,
        stored.version,
        epoch.unwrap(stored.wrapped, keysetAad(stored)),
        stored.collection,
        stored.tenant,
      );
    });
  }

  /** Keeps the promise, so that concurrent misses load once, but not a failure: the next request tries again. */
  #remember(
    cache: LRUCache<string, Promise<KeysetVersion>>,
    name: string,
    version: Promise<KeysetVersion>,
  ): void {
    cache.set(name, version);
    version.catch(() => {
      if (cache.get(name) === version) cache.delete(name);
    });
  }
}

function keysetAad(
  row: Pick<StoredKeysetVersion, 'keysetId' | 'version' | 'epoch' | 'collection' | 'tenant'>,
) {
  return tuple(
    'coatcheck/v1/keyset',
    uuidBytes(row.keysetId),
    u32(row.version),
    u32(row.epoch),
    u32(row.collection),
    row.tenant,
  );
}
