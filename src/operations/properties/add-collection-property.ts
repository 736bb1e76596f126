import { VaultError } from '../../errors.js';
import { defineProperty } from '../../collections/define.js';
import { presentProperty } from '../../collections/present.js';
import { collectionNamed } from '../collection-named.js';
import { defineOptions } from '../collections/define-options.js';
import type { Operation } from '../operation.js';
import { amendAndIndex } from './amend-and-index.js';

export const addCollectionProperty: Operation<'addCollectionProperty'> = {
  id: 'addCollectionProperty',

  async run(call, vault) {
    const collection = collectionNamed(call.metadata, call.path.collection);
    const property = defineProperty(collection.stored, call.body, defineOptions(call, vault));
    if (property.name !== call.path.property) {
      throw new VaultError('PV9004', { field: 'name', reason: 'must be the name in the path' });
    }

    await call.record({ collection: collection.name, asked: [[property.name, null]], outcome: 'allowed' });
    await amendAndIndex(vault, collection, [property], [], call.startedAt);
    return presentProperty(property);
  },
};
