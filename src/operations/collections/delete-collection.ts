import { VaultError } from '../../errors.js';
import { deleteStoredCollection } from '../../store/collections.js';
import { collectionNamed } from '../collection-named.js';
import type { Operation } from '../operation.js';

export const deleteCollection: Operation<'deleteCollection'> = {
  id: 'deleteCollection',

  async run(call, vault) {
    const { stored } = collectionNamed(call.metadata, call.path.collection);
    await call.record({ collection: stored.name, outcome: 'allowed' });
    const deleted = await deleteStoredCollection(vault.database, stored);
    vault.metadata.invalidate();
    if (!deleted) throw new VaultError('PV1004');
  },
};
