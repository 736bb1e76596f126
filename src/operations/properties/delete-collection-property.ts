import { VaultError } from '../../errors.js';
import { deleteStoredProperty } from '../../store/collections.js';
import { collectionNamed } from '../collection-named.js';
import type { Operation } from '../operation.js';
import { ownPropertyNamed } from './property-named.js';

export const deleteCollectionProperty: Operation<'deleteCollectionProperty'> = {
  id: 'deleteCollectionProperty',

  async run(call, vault) {
    const collection = collectionNamed(call.metadata, call.path.collection);
    const property = ownPropertyNamed(collection, call.path.property);
    await call.record({ collection: collection.name, asked: [[property.name, null]], outcome: 'allowed' });
    const deleted = await deleteStoredProperty(vault.database, collection.stored, property, call.startedAt);
    vault.metadata.invalidate();
    if (!deleted) throw new VaultError('PV3004', { field: 'property' });
  },
};
