import { collectionNamed } from '../collection-named.js';
import type { Operation } from '../operation.js';
import { presentOne } from './schema-format.js';

export const getCollection: Operation<'getCollection'> = {
  id: 'getCollection',

  async run(call) {
    const { stored } = collectionNamed(call.metadata, call.path.collection);
    await call.record({ collection: stored.name, outcome: 'allowed' });
    return presentOne(call, stored);
  },
};
