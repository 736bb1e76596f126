import type { Database } from './database.js';

/** A credential as it is stored. */
export interface StoredCredential {
  readonly hook: string;
  readonly keysetId: string;
  readonly keysetVersion: number;
  readonly sealed: Buffer;
}

/** The credential of a hook; null: none was set. */
export async function findCredential(database: Database, hook: string): Promise<StoredCredential | null> {
  const [row] = await database.run<{
    hook: string;
    keyset_id: string;
    keyset_version: number;
    sealed: Buffer;
  }>({
    name: 'idp-credential-find',
    text: 'select hook, keyset_id, keyset_version, sealed from keystore.idp_credential where hook = $1',
    values: [hook],
  });
  if (!row) return null;
  return { hook, keysetId: row.keyset_id, keysetVersion: row.keyset_version, sealed: row.sealed };
}

/** Stores a credential in place of the one there was. */
export async function storeCredential(
  database: Database,
  { hook, keysetId, keysetVersion, sealed }: StoredCredential,
  now: Date,
): Promise<void> {
  await database.run({
    name: 'idp-credential-store',
    text: `insert into keystore.idp_credential (hook, keyset_id, keyset_version, sealed, set_at) values ($1, $2, $3, $4, $5)
           on conflict (hook) do update set keyset_id = excluded.keyset_id, keyset_version = excluded.keyset_version,
             sealed = excluded.sealed, set_at = excluded.set_at`,
    values: [hook, keysetId, keysetVersion, sealed, now],
  });
}

/** Forgets a credential; whether there was one. */
export async function deleteCredential(database: Database, hook: string): Promise<boolean> {
  const rows = await database.run({
    name: 'idp-credential-delete',
    text: 'delete from keystore.idp_credential where hook = $1 returning hook',
    values: [hook],
  });
  return rows.length > 0;
}
