import { amendProperty } from '../../collections/amend.js';
import { presentProperty } from '../../collections/present.js';
import { collectionNamed } from '../collection-named.js';
import { defineOptions } from '../collections/define-options.js';
import type { Operation } from '../operation.js';
import { amendAndIndex } from './amend-and-index.js';
import { ownPropertyNamed } from './property-named.js';

export const updateCollectionProperty: Operation<'updateCollectionProperty'> = {
  id: 'updateCollectionProperty',

  async run(call, vault) {
    const collection = collectionNamed(call.metadata, call.path.collection);
    const property = ownPropertyNamed(collection, call.path.property);
    const amended = amendProperty(property, call.body, defineOptions(call, vault));

    await call.record({ collection: collection.name, asked: [[property.name, null]], outcome: 'allowed' });
    if (amended !== property) await amendAndIndex(vault, collection, [], [amended], call.startedAt);
    return presentProperty(amended);
  },
};
