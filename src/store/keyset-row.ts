import type { KeyState, StoredKeysetVersion } from '../crypto/index.js';

/** What the driver returns for a keyset version. */
export interface KeysetRow {
  keyset_id: string;
  version: number;
  collection_id: number;
  tenant: string;
  state: KeyState;
  epoch: number;
  wrapped: Buffer;
}

/** The row as the crypto ring knows it. */
export function keysetOf(row: KeysetRow): StoredKeysetVersion {
  const { keyset_id: keysetId, collection_id: collection, version, tenant, state, epoch, wrapped } = row;
  return { keysetId, version, collection, tenant, state, epoch, wrapped };
}
