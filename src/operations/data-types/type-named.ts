import { type FindFunction } from '../../bundles/custom-type.js';
import { functionNamed } from '../../bundles/link.js';
import { dataTypeNamed } from '../../data-types/index.js';
import { VaultError } from '../../errors.js';
import type { components } from '../../generated/api.js';
import type { Metadata } from '../../store/metadata.js';
import { presentCustomType, presentDataType } from './present-data-type.js';

/** A data type of either kind, as it travels. Throws PV9013. */
export function typeNamed(metadata: Metadata, name: string): components['schemas']['DataType'] {
  const builtin = dataTypeNamed(name);
  const stored = metadata.types.get(name);
  if (builtin) return presentDataType(builtin, stored);
  if (!stored) throw new VaultError('PV9013');
  return presentCustomType(stored);
}

/** How definitions of types find functions. */
export function functionsIn(metadata: Metadata): FindFunction {
  return (name) => functionNamed(metadata.bundles, name)?.prototype;
}
