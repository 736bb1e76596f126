import { defineType } from '../../bundles/custom-type.js';
import { VaultError } from '../../errors.js';
import { insertType } from '../../store/data-types.js';
import { UniqueViolation } from '../../store/database-errors.js';
import { once } from '../idempotency.js';
import type { Operation } from '../operation.js';
import { functionsIn, typeNamed } from './type-named.js';

export const addDataType: Operation<'addDataType'> = {
  id: 'addDataType',

  async run(call, vault) {
    const facts = { outcome: 'allowed' as const };
    const { name } = await once(
      call,
      vault,
      () => facts,
      async () => {
        const type = defineType(call.body, functionsIn(call.metadata), call.metadata.types.keys());
        return {
          answer: { name: type.name },
          facts,
          async create(record) {
            try {
              await insertType(vault.database, type, call.startedAt, record);
            } catch (error) {
              throw error instanceof UniqueViolation ? new VaultError('PV9003', { field: 'name' }) : error;
            }
            vault.metadata.invalidate();
          },
        };
      },
    );
    return typeNamed(await vault.metadata.get(), name);
  },
};
