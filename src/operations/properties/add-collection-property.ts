import { VaultError } from '../../errors.js';
import { defineProperty } from '../../collections/define.js';
import { presentProperty } from '../../collections/present.js';
import { collectionNamed } from '../collection-named.js';
import { defineOptions } from '../collections/define-options.js';
import { once } from '../idempotency.js';
import type { Operation } from '../operation.js';
import { amendAndIndex } from './amend-and-index.js';
import { propertyNamed } from './property-named.js';

export const addCollectionProperty: Operation<'addCollectionProperty'> = {
  id: 'addCollectionProperty',

  async run(call, vault) {
    const collection = collectionNamed(call.metadata, call.path.collection);
    const name = call.path.property;
    if (call.body.name !== name) {
      throw new VaultError('PV9004', { field: 'name', reason: 'must be the name in the path' });
    }

    const facts = {
      collection: collection.name,
      asked: [[name, null]] as const,
      outcome: 'allowed' as const,
    };
    await once(
      call,
      vault,
      () => facts,
      async () => {
        const property = defineProperty(collection.stored, call.body, defineOptions(call, vault));
        return {
          answer: { name },
          facts,
          create: (record) => amendAndIndex(vault, collection, [property], [], call.startedAt, record),
        };
      },
    );
    const now = collectionNamed(await vault.metadata.get(), collection.name);
    return presentProperty(propertyNamed(now, name));
  },
};
