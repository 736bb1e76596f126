import { presentProperty } from '../../collections/present.js';
import { collectionNamed } from '../collection-named.js';
import type { Operation } from '../operation.js';
import { propertyNamed } from './property-named.js';

export const getCollectionProperty: Operation<'getCollectionProperty'> = {
  id: 'getCollectionProperty',

  async run(call) {
    const collection = collectionNamed(call.metadata, call.path.collection);
    const property = propertyNamed(collection, call.path.property);
    await call.record({ collection: collection.name, asked: [[property.name, null]], outcome: 'allowed' });
    return presentProperty(property);
  },
};
