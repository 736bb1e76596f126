import { VaultError } from '../../errors.js';
import { deletionOf } from '../../store/objects/delete-objects.js';
import { findRevisions } from '../../store/objects/find-conflicts.js';
import { findObjects } from '../../store/objects/find-objects.js';
import { collectionNamed } from '../collection-named.js';
import type { Operation } from '../operation.js';
import { permit, refuseHopeless, touchDeletion } from '../permit.js';
import { checkTenants } from '../tenancy.js';
import {
  type Faults,
  allDone,
  answerBulk,
  answerDone,
  answerNothing,
  blameRepeatedIds,
  checkBulkSize,
  forEachItem,
} from './bulk-items.js';
import { commitBulk } from './commit-bulk.js';
import { lifecycleOf } from './lifecycle-of.js';
import { asObjectId, readObjectIds } from './object-ids.js';

export const deleteObjects: Operation<'deleteObjects'> = {
  id: 'deleteObjects',

  async run(call, vault) {
    const collection = collectionNamed(call.metadata, call.path.collection);
    const items = call.body ?? [];
    checkBulkSize(vault, items);
    if (items.length === 0) return answerNothing(call, collection);

    await refuseHopeless(call, collection, 'delete');
    const ids = items.map(({ id }) => asObjectId(id));
    const named = ids.filter((id) => id !== undefined);
    const facts = { collection: collection.name, objects: named };
    const { rule } = await permit(call, collection, touchDeletion(collection), facts);
    const found = await findObjects(
      vault.database,
      collection.id,
      [...new Set(named)],
      lifecycleOf(call.query),
    );
    checkTenants(call, found);

    return answerBulk(call, { ...facts, rule }, ids, async () => {
      const faults: Faults = new Map();
      blameRepeatedIds(ids, faults);
      const there = new Set(found.map(({ id }) => id));
      const checked = await forEachItem(items, faults, ({ id }) => {
        const [own] = readObjectIds([id]);
        if (!there.has(own!)) throw new VaultError('PV3005', { ids: own! });
        return own!;
      });
      const gone = allDone(checked, faults);

      await call.record({ ...facts, outcome: 'allowed', rule });
      const statements = deletionOf(collection.id, gone, { all: true });
      await commitBulk(vault, [], statements, async (missing) => {
        const left = await findRevisions(vault.database, collection.id, gone);
        gone.forEach((id, i) => {
          if (!left.has(id)) missing.set(i, new VaultError('PV3005', { ids: id }));
        });
      });
      return answerDone(gone);
    });
  },
};
