import { VaultError } from '../../errors.js';
import type { Metadata, StoredBundle } from '../../store/metadata.js';

/** The bundle of that name. Throws PV9054. */
export function bundleNamed(metadata: Metadata, name: string): StoredBundle {
  const bundle = metadata.bundles.get(name);
  if (!bundle) throw new VaultError('PV9054');
  return bundle;
}
