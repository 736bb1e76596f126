import { amendCollection } from '../../collections/amend.js';
import { knownCollection, collectionNamed } from '../collection-named.js';
import type { Operation } from '../operation.js';
import { amendAndIndex } from '../properties/amend-and-index.js';
import { defineOptions } from './define-options.js';
import { presentOne, readDefinition } from './schema-format.js';

export const updateCollection: Operation<'updateCollection'> = {
  id: 'updateCollection',

  async run(call, vault) {
    const { stored } = collectionNamed(call.metadata, call.path.collection);
    const { added, changed } = amendCollection(stored, readDefinition(call), defineOptions(call, vault));

    await call.record({ collection: stored.name, outcome: 'allowed' });
    if (added.length > 0 || changed.length > 0) {
      await amendAndIndex(vault, knownCollection(stored), added, changed, call.startedAt);
    }
    return presentOne(call, collectionNamed(await vault.metadata.get(), stored.name).stored);
  },
};
