import { join } from 'node:path';
import type { Config } from '../config.js';
import {
  type Epochs,
  type RootKeyProvider,
  derivedEpochs,
  environmentRootKey,
  fileEpochs,
  fileRootKey,
} from '../crypto/index.js';

/**
 * The epoch keys under the root key that the settings name. Development without one makes its own in the data directory.
 * Throws RootKeyError.
 */
export async function epochsOf(config: Config): Promise<Epochs> {
  const file = config['kms.key_file'] || (config.devmode ? join(config.data_dir, 'keys', 'root.key') : '');
  const create = config.devmode && !config['kms.key_file'];
  const provider: RootKeyProvider = config['kms.key']
    ? environmentRootKey(config['kms.key'])
    : fileRootKey(file, { create });

  const root = await provider.load();
  const epochFile = config['kms.epoch_file'] || (config['kms.key'] ? '' : `${file}.epochs`);
  return epochFile ? fileEpochs(root, epochFile) : derivedEpochs(root);
}
