import { randomInt } from 'node:crypto';
import { OperatorError } from '../errors.js';
import type { Database } from './database.js';

export type VaultMode = 'development' | 'production';

/** A database that may not be opened in the wanted mode; the message says why. */
class VaultModeError extends OperatorError {
  override readonly name = 'VaultModeError';
}

/**
 * The vault's id, made when the database is first opened, which also fixes the mode: what was once a production vault is
 * never opened with development's open door. Throws {@link VaultModeError}.
 */
export async function openIdentity(database: Database, mode: VaultMode): Promise<{ vaultId: string }> {
  const vaultId = String(randomInt(2 ** 47)).padStart(15, '1');
  await database.run({
    name: 'vault-create',
    text: 'insert into vault (id, vault_id, mode) values (1, $1, $2) on conflict (id) do nothing',
    values: [vaultId, mode],
  });
  if (mode === 'production') {
    await database.run({
      name: 'vault-production',
      text: `update vault set mode = 'production' where id = 1 and mode <> 'production'`,
      values: [],
    });
  }
  const [row] = await database.run<{ vault_id: string; mode: VaultMode }>({
    name: 'vault-read',
    text: 'select vault_id, mode from vault where id = 1',
    values: [],
  });
  if (row!.mode !== mode) {
    throw new VaultModeError(
      'This database belongs to a vault in production and is not opened in development mode, whose admin key everybody knows. Use `coatcheck serve`.',
    );
  }
  return { vaultId: row!.vault_id };
}

/** The durability settings of the database with which an acknowledged write could be lost, as `name=value`. */
export async function weakDurability(database: Database): Promise<string[]> {
  const rows = await database.run<{ name: string; setting: string }>({
    name: 'durability',
    text: `select name, setting from pg_settings
            where name in ('fsync', 'full_page_writes') and setting <> 'on'
               or name = 'synchronous_commit' and setting not in ('on', 'remote_write', 'remote_apply')`,
    values: [],
  });
  return rows.map(({ name, setting }) => `${name}=${setting}`);
}

/** The major version of the PostgreSQL server, e.g. 18. */
export async function postgresVersion(database: Database): Promise<number> {
  const [row] = await database.run<{ version: string }>({
    name: 'server-version',
    text: `select current_setting('server_version_num') as version`,
    values: [],
  });
  return Math.floor(Number(row!.version) / 10_000);
}
