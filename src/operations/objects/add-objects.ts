import { VaultError } from '../../errors.js';
import { insertIdempotencyRecord } from '../../store/idempotency.js';
import { mergeStatements } from '../../store/merge-statements.js';
import { findRevisions } from '../../store/objects/find-conflicts.js';
import type { Facts } from '../call.js';
import { type KnownCollection, collectionNamed } from '../collection-named.js';
import { once } from '../idempotency.js';
import type { Operation } from '../operation.js';
import { permit, refuseHopeless, touchProperties } from '../permit.js';
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
import { asObjectId } from './object-ids.js';
import { expirationOfNewObjects } from './owners.js';
import { type PreparedObject, checkComplete, prepareObject } from './prepare-object.js';

export const addObjects: Operation<'addObjects'> = {
  id: 'addObjects',

  async run(call, vault) {
    const collection = collectionNamed(call.metadata, call.path.collection);
    const items = call.body;
    checkBulkSize(vault, items);
    const expirationOf = expirationOfNewObjects(call, vault, call.query.expiration_secs);
    const takeIn = intakeOf(call, vault, collection);
    if (items.length === 0) return answerNothing(call, collection);

    await refuseHopeless(call, collection, 'write');
    const given = givenByItems(collection, items);
    const asked = plainly(given);
    const { rule } = await permit(call, collection, touchProperties('write', given), { asked });

    const ids = items.map(({ id }) => asObjectId(id));
    const known = { collection: collection.name, objects: ids.filter((id) => id !== undefined), asked, rule };
    const factsOf = ({ results }: { results: readonly { id?: string }[] }): Facts => ({
      ...known,
      objects: results.flatMap(({ id }) => id ?? []),
      outcome: 'allowed',
    });
    return answerBulk(call, known, ids, () =>
      once(call, vault, factsOf, async () => {
        const faults: Faults = new Map();
        blameRepeatedIds(ids, faults);
        const prepared = await forEachItem(items, faults, (item) => {
          const read = takeIn(item);
          checkComplete(collection, read.fields);
          return prepareObject(call, vault, collection, read, expirationOf(read), read.times);
        });
        blameSharedValues(
          collection,
          prepared.map((object) => object && claimOf(object)),
          faults,
        );
        const objects = allDone(prepared, faults);

        const answer = answerDone(objects.map(({ id }) => id));
        return {
          answer,
          facts: factsOf(answer),
          async create(record) {
            const insert = mergeStatements(objects.map(({ statement }) => statement));
            await commitBulk(
              vault,
              objects.flatMap(({ indexes }) => indexes),
              [insert, ...(record ? [insertIdempotencyRecord(record)] : [])],
              (found) => blameStored(vault, collection, objects, found),
            );
          },
        };
      }),
    );
  },
};

/** Blames the items whose id or unique value an object has already. */
async function blameStored(
  vault: Vault,
  collection: KnownCollection,
  objects: readonly PreparedObject[],
  faults: Faults,
): Promise<void> {
  const ids = objects.map(({ id }) => id);
  const existing = await findRevisions(vault.database, collection.id, ids);
  ids.forEach((id, i) => {
    if (existing.has(id)) faults.set(i, new VaultError('PV9022'));
  });
  await blameTakenValues(vault, collection, objects.map(claimOf), faults);
}

function claimOf({ id, indexes }: PreparedObject): Claim {
  return { id, wanted: indexes, gives: new Set() };
}
