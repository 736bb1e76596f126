import { presentProperty, visibleProperties } from '../../collections/present.js';
import { collectionNamed } from '../collection-named.js';
import type { Operation } from '../operation.js';

export const listCollectionProperties: Operation<'listCollectionProperties'> = {
  id: 'listCollectionProperties',

  async run(call) {
    const { stored } = collectionNamed(call.metadata, call.path.collection);
    await call.record({ collection: stored.name, outcome: 'allowed' });
    const showBuiltins = call.query.options?.includes('show_builtins') ?? false;
    return visibleProperties(stored, { showBuiltins }).map(presentProperty);
  },
};
