import { join } from 'node:path';
import type { Config } from '../config.js';
import {
  type Epochs,
  type Keystore,
  Keyring,
  type RootKeyProvider,
  derivedEpochs,
  environmentRootKey,
  fileEpochs,
  fileRootKey,
} from '../crypto/index.js';
import type { RootKeyHolder } from '../operations/vault.js';
import { databaseUrlOf } from './database-url.js';

/** Who holds the root key, and a way to ask: the whole way from the provider down to the database's own check values is gone again. */
export function rootKeyHolder(config: Config, keystore: Keystore): RootKeyHolder {
  return {
    type: 'LOCAL',
    async answers() {
      try {
        await Keyring.verify(keystore, await epochsOf(config, { create: false }));
        return true;
      } catch {
        return false;
      }
    },
  };
}

/**
 * The epoch keys under the root key that the settings name. Development without one makes its own in the data directory.
 * Throws RootKeyError.
 */
export async function epochsOf(
  config: Config,
  { create: mayCreate }: { create: boolean } = { create: true },
): Promise<Epochs> {
  // A command beside a vault for development is in no mode: what it has in common with that vault is the database of the data directory.
  const isOwn = config.devmode || databaseUrlOf(config) === null;
  const file = config['kms.key_file'] || (isOwn ? join(config.data_dir, 'keys', 'root.key') : '');
  const create = mayCreate && config.devmode && !config['kms.key_file'];
  const provider: RootKeyProvider = config['kms.key']
    ? environmentRootKey(config['kms.key'])
    : fileRootKey(file, { create });

  const root = await provider.load();
  const epochFile = config['kms.epoch_file'] || (config['kms.key'] ? '' : `${file}.epochs`);
  return epochFile ? fileEpochs(root, epochFile) : derivedEpochs(root);
}
