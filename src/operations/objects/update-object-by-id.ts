import { VaultError } from '../../errors.js';
import { changeObject } from '../../store/objects/change-object.js';
import { findObjects } from '../../store/objects/find-objects.js';
import { takeBackOwnedValues } from '../../store/objects/unique-values.js';
import { collectionNamed } from '../collection-named.js';
import type { Operation } from '../operation.js';
import { permit, refuseHopeless, touchProperties } from '../permit.js';
import { checkTenants } from '../tenancy.js';
import { commitWithUniqueValues } from './commit-with-unique-values.js';
import { statedTimes } from './imported-times.js';
import { intakeOf } from './intake.js';
import { lifecycleOf } from './lifecycle-of.js';
import { checkAllFound, readObjectIds } from './object-ids.js';
import { prepareChange } from './prepare-change.js';
import { givenProperties } from './prepare-object.js';

export const updateObjectById: Operation<'updateObjectById'> = {
  id: 'updateObjectById',

  async run(call, vault) {
    const collection = collectionNamed(call.metadata, call.path.collection);
    const ids = readObjectIds([call.path.id]);
    const read = intakeOf(call, vault, collection)(call.body, ids[0]);
    if (read.id !== undefined && read.id !== ids[0]) throw new VaultError('PV9006', { property: 'id' });
    await refuseHopeless(call, collection, 'write');

    const given = [...givenProperties(read), ...statedTimes(read.times)];
    const facts = {
      collection: collection.name,
      objects: ids,
      asked: given.map((name) => [name, null] as const),
    };
    const { rule } = await permit(call, collection, touchProperties('write', given), facts);
    const lifecycle = lifecycleOf(call.query);
    const found = await findObjects(vault.database, collection.id, ids, lifecycle);
    checkAllFound(ids, found);
    checkTenants(call, found);
    const { change, wanted } = await prepareChange(call, vault, collection, found[0]!, read, lifecycle);
    const ownsOthers = change.revived && collection.stored.type === 'PERSONS';

    await call.record({ ...facts, outcome: 'allowed', rule });
    await commitWithUniqueValues(vault, collection, wanted, [
      changeObject(change),
      ...(ownsOthers ? [takeBackOwnedValues(collection.id, [change.id])] : []),
    ]);
  },
};
