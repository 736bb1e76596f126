import { VaultError } from '../../errors.js';
import { defineCollection } from '../../collections/define.js';
import { isNameTaken } from '../../collections/names.js';
import { insertCollection } from '../../store/collections.js';
import { UniqueViolation } from '../../store/database-errors.js';
import type { Operation } from '../operation.js';
import { defineOptions } from './define-options.js';
import { presentOne, readDefinition } from './schema-format.js';

export const addCollection: Operation<'addCollection'> = {
  id: 'addCollection',

  async run(call, vault) {
    const collection = defineCollection(readDefinition(call), defineOptions(call, vault));
    if (isNameTaken(collection.name, call.metadata.collections.keys())) {
      throw new VaultError('PV9003', { field: 'name' });
    }

    await call.record({ collection: collection.name, outcome: 'allowed' });
    try {
      await insertCollection(vault.database, collection);
    } catch (error) {
      if (error instanceof UniqueViolation) throw new VaultError('PV9003', { field: 'name' });
      throw error;
    }
    vault.metadata.invalidate();
    return presentOne(call, collection);
  },
};
