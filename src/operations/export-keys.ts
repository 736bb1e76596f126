import type { ExportKey, ExportRoot } from '../crypto/index.js';
import { VaultError } from '../errors.js';
import { addExportKey, findExportKey } from '../store/export-keys.js';
import type { Vault } from './vault.js';

/** What export keys are wrapped by. Throws PV1003 where the settings name no export root key. */
export function exportRootOf(vault: Vault): ExportRoot {
  if (!vault.exportRoot) throw new VaultError('PV1003', { setting: 'kms.export_key' });
  return vault.exportRoot;
}

/** The key that this vault seals exports under; made at its first use. Throws PV9010. */
export async function ownExportKey({ database }: Vault, root: ExportRoot): Promise<ExportKey> {
  const stored =
    (await findExportKey(database, root.fingerprint)) ??
    (await addExportKey(database, root.fingerprint, root.newKey()));
  return root.open(stored);
}
