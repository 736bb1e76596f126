import { type Config, SETTINGS } from '../config.js';
import type { Keyring } from '../crypto/index.js';
import type { Database } from '../store/database.js';
import { replaceApiKey } from '../store/iam.js';
import { ADMIN_USER, loadIamState } from '../store/metadata.js';

const DEVELOPMENT_KEY = SETTINGS['service.admin_api_key'].inDevelopment;

/**
 * Stores the Admin's key from the settings in a vault that has none, or where the settings are to win at every start. The key
 * that everybody knows never stays in a vault that goes into production.
 */
export async function ensureAdminKey(database: Database, keyring: Keyring, config: Config): Promise<void> {
  const key = config['service.admin_api_key'];
  if (!key) return;
  const { lookup } = keyring;
  const stored = (await loadIamState(database, keyring)).keys.get(ADMIN_USER);
  const isKnown =
    !config.devmode &&
    stored?.hash.equals(keyring.lookupVersion(stored.lookupVersion).apiKeyHash(DEVELOPMENT_KEY));
  if (stored && !isKnown && !config['service.override_admin_api_key_on_restart']) return;

  const hash = lookup.apiKeyHash(key);
  if (stored?.hash.equals(hash)) return;
  const lookupVersion = lookup.version;
  await replaceApiKey(
    database,
    keyring,
    { user: ADMIN_USER, publicId: null, hash, lookupVersion, expiresAt: null },
    new Date(),
  );
}
