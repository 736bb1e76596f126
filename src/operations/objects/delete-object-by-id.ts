import { deletedIn, deletionOf } from '../../store/objects/delete-objects.js';
import { findObjects } from '../../store/objects/find-objects.js';
import { collectionNamed } from '../collection-named.js';
import type { Operation } from '../operation.js';
import { permit, refuseHopeless, touchDeletion } from '../permit.js';
import { checkTenants } from '../tenancy.js';
import { lifecycleOf } from './lifecycle-of.js';
import { checkAllFound, readObjectIds } from './object-ids.js';

export const deleteObjectById: Operation<'deleteObjectById'> = {
  id: 'deleteObjectById',

  async run(call, vault) {
    const collection = collectionNamed(call.metadata, call.path.collection);
    await refuseHopeless(call, collection, 'delete');
    const ids = readObjectIds([call.path.id]);

    const facts = { collection: collection.name, objects: ids };
    const { rule } = await permit(call, collection, touchDeletion(collection), facts);
    const found = await findObjects(vault.database, collection.id, ids, lifecycleOf(call.query));
    checkAllFound(ids, found);
    checkTenants(call, found);

    await call.record({ ...facts, outcome: 'allowed', rule });
    const results = await vault.database.commit(deletionOf(collection.id, ids));
    checkAllFound(ids, deletedIn(results));
  },
};
