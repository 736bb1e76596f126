import type {
  Keystore,
  StoredEpoch,
  StoredKeysetVersion,
  StoredLookupVersion,
} from '../../src/crypto/index.js';

/** The rows of the key tables, which a test may change behind the keyring's back. */
export interface KeyRows {
  epochs: StoredEpoch[];
  lookups: StoredLookupVersion[];
  keysets: StoredKeysetVersion[];
}

/** The key tables as lists: the port that the crypto ring itself defines, for tests of that ring alone. */
export function memoryKeystore(
  rows: KeyRows = { epochs: [], lookups: [], keysets: [] },
): Keystore & { rows: KeyRows } {
  const active = (collection: number, tenant: string): StoredKeysetVersion | null =>
    rows.keysets.find(
      (row) => row.collection === collection && row.tenant === tenant && row.state === 'active',
    ) ?? null;
  return {
    rows,
    epochs: async () => [...rows.epochs],
    async addEpoch(row) {
      if (!rows.epochs.some(({ epoch }) => epoch === row.epoch)) rows.epochs.push(row);
      return rows.epochs.find(({ epoch }) => epoch === row.epoch)!;
    },
    lookupVersions: async () => [...rows.lookups],
    async addLookupVersion(row) {
      if (!rows.lookups.some(({ version }) => version === row.version)) rows.lookups.push(row);
      return rows.lookups.find(({ version }) => version === row.version)!;
    },
    activeKeyset: async (collection, tenant) => active(collection, tenant),
    async addKeyset(row) {
      if (!active(row.collection, row.tenant)) rows.keysets.push(row);
      return active(row.collection, row.tenant)!;
    },
    keysetVersion: async (keysetId, version) =>
      rows.keysets.find((row) => row.keysetId === keysetId && row.version === version) ?? null,
    async rotateKeysets(after, most, successorOf, check) {
      const turn = rows.keysets
        .filter(({ state, keysetId }) => state === 'active' && keysetId > after)
        .sort((a, b) => (a.keysetId < b.keysetId ? -1 : 1))
        .slice(0, most);
      const successors = turn.map((row) => successorOf(row, row.version + 1));
      successors.forEach(check);
      rows.keysets = rows.keysets.map((row) =>
        turn.includes(row) ? { ...row, state: 'decrypt_only' } : row,
      );
      rows.keysets.push(...successors.map((row) => ({ ...row, state: 'active' as const })));
      return turn.map(({ keysetId }) => keysetId);
    },
  };
}
