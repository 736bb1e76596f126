import type { Database } from './database.js';

/** A signing secret as it is stored. */
export interface StoredSigningSecret {
  readonly hook: string;
  readonly user: string;
  readonly keysetId: string;
  readonly keysetVersion: number;
  readonly sealed: Buffer;
}

/** The secrets of hooks, all of their users'. */
export async function findSigningSecrets(
  database: Database,
  hooks: readonly string[],
): Promise<StoredSigningSecret[]> {
  const rows = await database.run<{
    hook: string;
    username: string;
    keyset_id: string;
    keyset_version: number;
    sealed: Buffer;
  }>({
    name: 'idp-signing-secrets-find',
    text: `select hook, username, keyset_id, keyset_version, sealed from keystore.idp_signing_secret
           where hook = any($1) order by hook, username`,
    values: [hooks],
  });
  return rows.map(({ hook, username, keyset_id: keysetId, keyset_version: keysetVersion, sealed }) => {
    return { hook, user: username, keysetId, keysetVersion, sealed };
  });
}

/** Stores a secret in place of the one there was. */
export async function storeSigningSecret(
  database: Database,
  { hook, user, keysetId, keysetVersion, sealed }: StoredSigningSecret,
  now: Date,
): Promise<void> {
  await database.run({
    name: 'idp-signing-secret-store',
    text: `insert into keystore.idp_signing_secret (hook, username, keyset_id, keyset_version, sealed, set_at)
           values ($1, $2, $3, $4, $5, $6)
           on conflict (hook, username) do update set keyset_id = excluded.keyset_id,
             keyset_version = excluded.keyset_version, sealed = excluded.sealed, set_at = excluded.set_at`,
    values: [hook, user, keysetId, keysetVersion, sealed, now],
  });
}

/** Forgets a secret; whether there was one. */
export async function deleteSigningSecret(database: Database, hook: string, user: string): Promise<boolean> {
  const rows = await database.run({
    name: 'idp-signing-secret-delete',
    text: 'delete from keystore.idp_signing_secret where hook = $1 and username = $2 returning hook',
    values: [hook, user],
  });
  return rows.length > 0;
}
