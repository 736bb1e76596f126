import type { Logger } from 'winston';
import type { Config } from '../config.js';
import { Keyring } from '../crypto/index.js';
import { keystoreTables } from '../store/keystore-tables.js';
import { migrate, requireMigrated } from '../store/migrations/migrate.js';
import { openIdentity } from '../store/vault-identity.js';
import { loadExportRoot } from './export-root.js';
import { openDatabase } from './open-database.js';
import { openIam } from './open-iam.js';
import { epochsOf } from './root-keys.js';
import { tlsOf } from './tls-of.js';

/**
 * What an instance does once when it starts, before its workers: migrations, the vault's identity, the root key and what hangs from it, the Admin's key, the
 * export key and the certificate. Whatever stands against it is thrown with a message for the operator.
 */
export async function prepareInstance(config: Config, databaseUrl: string, log: Logger): Promise<void> {
  await (config['db.migration_auto_run'] ? migrate : requireMigrated)(databaseUrl);
  const database = openDatabase(config, databaseUrl, log);
  try {
    await openIdentity(database, config.devmode ? 'development' : 'production');
    const keyring = await Keyring.unlock(keystoreTables(database), await epochsOf(config));
    await openIam(database, keyring, config, log);
    await loadExportRoot(config);
    await tlsOf(config);
  } finally {
    await database.close();
  }
}
