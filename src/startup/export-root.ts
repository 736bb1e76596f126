import { join } from 'node:path';
import { type Config, variableOf } from '../config.js';
import { ExportRoot, environmentRootKey, fileRootKey } from '../crypto/index.js';

/**
 * The export root key that the settings name; null where they name none, and exporting is off. Development makes its own
 * in the data directory. Throws RootKeyError.
 */
export async function loadExportRoot(config: Config): Promise<ExportRoot | null> {
  const text = config['kms.export_key'];
  if (text) {
    const source = `The setting kms.export_key (${variableOf('kms.export_key')})`;
    return ExportRoot.load(environmentRootKey(text, source));
  }
  const file = config['kms.export_key_file'];
  if (file) return ExportRoot.load(fileRootKey(file, { create: false }));
  if (!config.devmode) return null;
  return ExportRoot.load(fileRootKey(join(config.data_dir, 'keys', 'export.key'), { create: true }));
}
