import { dataTypeNamed } from '../../data-types/index.js';
import { VaultError } from '../../errors.js';
import { deleteStoredType } from '../../store/data-types.js';
import type { Operation } from '../operation.js';

export const deleteDataType: Operation<'deleteDataType'> = {
  id: 'deleteDataType',

  async run(call, vault) {
    const name = call.path.type;
    if (dataTypeNamed(name)) throw new VaultError('PV9006', { field: 'type', reason: 'built in' });
    if (!call.metadata.types.has(name)) throw new VaultError('PV9013');

    await call.record({ outcome: 'allowed' });
    const outcome = await deleteStoredType(vault.database, name);
    vault.metadata.invalidate();
    if (outcome !== 'deleted') throw new VaultError(outcome === 'missing' ? 'PV9013' : 'PV9057');
  },
};
