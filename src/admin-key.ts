import type { Config } from './config.js';
import type { Keyring } from './crypto/index.js';
import type { Database } from './store/database.js';
import { replaceApiKey } from './store/iam.js';
import { ADMIN_USER, loadMetadata } from './store/metadata.js';

/** Stores the Admin's key from the settings in a vault that has none, or where the settings are to win at every start. */
export async function ensureAdminKey(database: Database, keyring: Keyring, config: Config): Promise<void> {
  const key = config['service.admin_api_key'];
  if (!key) return;
  const stored = (await loadMetadata(database)).keysByUser.get(ADMIN_USER);
  if (stored && !config['service.override_admin_api_key_on_restart']) return;

  const hash = keyring.lookup.apiKeyHash(key);
  if (stored?.hash.equals(hash)) return;
  const lookupVersion = keyring.lookup.version;
  await replaceApiKey(
    database,
    { user: ADMIN_USER, publicId: null, hash, lookupVersion, expiresAt: null },
    new Date(),
  );
}
