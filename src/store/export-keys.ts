import type { StoredExportKey } from '../crypto/index.js';
import type { Database } from './database.js';

/** The export key under an export root key, recognised by its fingerprint; null where there is none yet. */
export async function findExportKey(database: Database, root: Buffer): Promise<StoredExportKey | null> {
  const rows = await database.run<StoredExportKey & Record<string, unknown>>({
    name: 'export-key-find',
    text: 'select key_id as "keyId", wrapped from keystore.export_key where root = $1',
    values: [root],
  });
  return rows[0] ?? null;
}

/** Keeps a new export key unless there is one under this root already, and returns the one that now stands. */
export async function addExportKey(
  database: Database,
  root: Buffer,
  key: StoredExportKey,
): Promise<StoredExportKey> {
  await database.run({
    name: 'export-key-add',
    text: 'insert into keystore.export_key (root, key_id, wrapped) values ($1, $2, $3) on conflict (root) do nothing',
    values: [root, key.keyId, key.wrapped],
  });
  return (await findExportKey(database, root))!;
}
