import { VaultError } from '../../errors.js';

/** Refuses with PV2001 what is not built yet: values sealed under an export key would be stored as if they were the values. */
export function refuseImports(query: { readonly import?: boolean; readonly export_key?: string }): void {
  if (query.import) throw new VaultError('PV2001', { field: 'import' });
  if (query.export_key !== undefined) throw new VaultError('PV2001', { field: 'export_key' });
}
