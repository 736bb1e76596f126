/** States of a keyset or lookup version, in the only order they can change. */
export type KeyState = 'pending' | 'active' | 'decrypt_only' | 'destroyed';

/** A keyset version as stored. `collection` 0 with an empty tenant is the vault's own keyset. */
export interface StoredKeysetVersion {
  readonly keysetId: string;
  readonly version: number;
  readonly collection: number;
  readonly tenant: string;
  readonly state: KeyState;
  readonly epoch: number;
  readonly wrapped: Buffer;
}

/** A lookup version as stored. */
export interface StoredLookupVersion {
  readonly version: number;
  readonly state: KeyState;
  readonly epoch: number;
  readonly wrapped: Buffer;
}

/** An epoch as the database knows it: never its key, only the value that recognises it. */
export interface StoredEpoch {
  readonly epoch: number;
  readonly check: Buffer;
}

/**
 * What the keyring needs of the key tables. Every `add…` keeps what is already there and returns what now stands, so
 * that two instances starting at the same time agree.
 */
export interface Keystore {
  epochs(): Promise<StoredEpoch[]>;
  addEpoch(epoch: StoredEpoch): Promise<StoredEpoch>;
  lookupVersions(): Promise<StoredLookupVersion[]>;
  /** Only where there is none. `iamSeal` is the seal of a vault without users and keys, which is added with it. */
  addLookupVersion(row: StoredLookupVersion, iamSeal: Buffer): Promise<StoredLookupVersion>;
  activeKeyset(collection: number, tenant: string): Promise<StoredKeysetVersion | null>;
  addKeyset(row: StoredKeysetVersion): Promise<StoredKeysetVersion>;
  keysetVersion(keysetId: string, version: number): Promise<StoredKeysetVersion | null>;
  /**
   * Puts a new version in place of the active one of each of the next `most` keysets behind the id `after`, in one transaction that no other
   * rotation gets between: `successorOf` makes it, `check` is given what was stored, before it becomes active, and throws to stop it all.
   * Tells every instance when it commits. Returns the ids of the keysets, none where there are no more.
   */
  rotateKeysets(
    after: string,
    most: number,
    successorOf: (active: StoredKeysetVersion, version: number) => StoredKeysetVersion,
    check: (stored: StoredKeysetVersion) => void,
  ): Promise<string[]>;
}
