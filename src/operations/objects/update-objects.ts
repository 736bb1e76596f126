import { VaultError } from '../../errors.js';
import { changeObjects, indexChangedObjects } from '../../store/objects/change-objects.js';
import { takeBackOwnedValues } from '../../store/objects/unique-values.js';
import { findRevisions } from '../../store/objects/find-conflicts.js';
import { findObjects } from '../../store/objects/find-objects.js';
import { type KnownCollection, collectionNamed } from '../collection-named.js';
import type { Operation } from '../operation.js';
import { permit, refuseHopeless, touchProperties } from '../permit.js';
import { checkTenants } from '../tenancy.js';
import type { Vault } from '../vault.js';
import {
  type Faults,
  allDone,
  answerBulk,
  answerDone,
  answerNothing,
  blameRepeatedIds,
  checkBulkSize,
  forEachItem,
  givenByItems,
  plainly,
} from './bulk-items.js';
import { type Claim, blameSharedValues, blameTakenValues } from './bulk-values.js';
import { commitBulk } from './commit-bulk.js';
import { intakeOf } from './intake.js';
import { lifecycleOf } from './lifecycle-of.js';
import { asObjectId, readObjectIds } from './object-ids.js';
import { type PreparedChange, prepareChange } from './prepare-change.js';

export const updateObjects: Operation<'updateObjects'> = {
  id: 'updateObjects',

  async run(call, vault) {
    const collection = collectionNamed(call.metadata, call.path.collection);
    const items: readonly Record<string, unknown>[] = call.body ?? [];
    checkBulkSize(vault, items);
    const takeIn = intakeOf(call, vault, collection);
    if (items.length === 0) return answerNothing(call, collection);

    await refuseHopeless(call, collection, 'write');
    const given = givenByItems(collection, items);
    const ids = items.map(({ id }) => asObjectId(id));
    const named = ids.filter((id) => id !== undefined);
    const facts = { collection: collection.name, objects: named, asked: plainly(given) };
    const { rule } = await permit(call, collection, touchProperties('write', given), facts);
    const lifecycle = lifecycleOf(call.query);
    const found = await findObjects(vault.database, collection.id, [...new Set(named)], lifecycle);
    checkTenants(call, found);
    const rows = new Map(found.map((row) => [row.id, row]));

    return answerBulk(call, { ...facts, rule }, ids, async () => {
      const faults: Faults = new Map();
      blameRepeatedIds(ids, faults);
      const prepared = await forEachItem(items, faults, ({ id, ...fields }) => {
        const [own] = readObjectIds([String(id)]);
        const read = takeIn(fields, own);
        const row = rows.get(own!);
        if (!row) throw new VaultError('PV3005', { ids: own! });
        return prepareChange(call, vault, collection, row, read, lifecycle);
      });
      blameSharedValues(
        collection,
        prepared.map((change) => change && claimOf(change)),
        faults,
      );
      const changes = allDone(prepared, faults);

      await call.record({ ...facts, outcome: 'allowed', rule });
      const writes = changes.map(({ change }) => change);
      const owners =
        collection.stored.type === 'PERSONS'
          ? writes.filter(({ revived }) => revived).map(({ id }) => id)
          : [];
      await commitBulk(
        vault,
        changes.flatMap(({ wanted }) => wanted),
        [
          changeObjects(writes),
          indexChangedObjects(writes),
          ...(owners.length > 0 ? [takeBackOwnedValues(collection.id, owners)] : []),
        ],
        (conflicting) => blameStored(vault, collection, changes, conflicting),
      );
      return answerDone(named);
    });
  },
};

/** Blames the items whose object was changed or deleted meanwhile, or whose unique value another object has. */
async function blameStored(
  vault: Vault,
  collection: KnownCollection,
  changes: readonly PreparedChange[],
  faults: Faults,
): Promise<void> {
  const ids = changes.map(({ change }) => change.id);
  const revisions = await findRevisions(vault.database, collection.id, ids);
  changes.forEach(({ change: { id, fromRevision } }, i) => {
    const revision = revisions.get(id);
    if (revision === undefined) faults.set(i, new VaultError('PV3005', { ids: id }));
    else if (revision !== fromRevision) faults.set(i, new VaultError('PV3218'));
  });
  await blameTakenValues(vault, collection, changes.map(claimOf), faults);
}

/** What an object that stays archived has, it shares. */
function claimOf({ change, wanted }: PreparedChange): Claim {
  const { id, holdsUnique, reindexed, uniqueProperties } = change;
  return {
    id,
    wanted: holdsUnique ? wanted : [],
    gives: new Set(holdsUnique ? reindexed : uniqueProperties),
  };
}
