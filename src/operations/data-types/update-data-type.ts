import { type CustomType, amendType } from '../../bundles/custom-type.js';
import { dataTypeNamed } from '../../data-types/index.js';
import { VaultError } from '../../errors.js';
import { insertType, rewriteType } from '../../store/data-types.js';
import { UniqueViolation } from '../../store/database-errors.js';
import type { Operation } from '../operation.js';
import { functionsIn, typeNamed } from './type-named.js';

export const updateDataType: Operation<'updateDataType'> = {
  id: 'updateDataType',

  async run(call, vault) {
    const name = call.path.type;
    const stored = call.metadata.types.get(name);
    const type = stored ?? bareBuiltin(name);
    if (!type) throw new VaultError('PV9013');
    const amended = amendType(type, call.body, functionsIn(call.metadata));

    await call.record({ outcome: 'allowed' });
    try {
      if (!stored) await insertType(vault.database, amended, call.startedAt);
      else if (!(await rewriteType(vault.database, amended, stored.revision))) throw new VaultError('PV3218');
    } catch (error) {
      // Somebody else was the first to give this built-in type a transformer.
      throw error instanceof UniqueViolation ? new VaultError('PV3218') : error;
    } finally {
      vault.metadata.invalidate();
    }
    return typeNamed(await vault.metadata.get(), name);
  },
};

/** A built-in type that was never given anything. */
function bareBuiltin(name: string): CustomType | undefined {
  if (!dataTypeNamed(name)) return undefined;
  return {
    name,
    baseTypeName: name,
    description: '',
    validator: null,
    normalizer: null,
    transformers: [],
    defaultTransformer: null,
  };
}
