import { deletionOf } from '../../store/objects/delete-objects.js';
import { findDueErasures, settleErasures } from '../../store/idp-erasures.js';
import { knownCollection } from '../collection-named.js';
import { systemAccess } from '../system-access.js';
import type { Vault } from '../vault.js';

const MOST_AT_A_TIME = 100;

/**
 * Deletes what is archived of persons whose grace is over, and objects that went into others': objects, keys, indexes and tokens, and what they own. The tombstones stay. Each batch is
 * recorded before it goes; several instances at it do no harm.
 */
export async function deleteErased(vault: Vault, now: Date): Promise<void> {
  const due = await findDueErasures(vault.database, now, MOST_AT_A_TIME);
  if (due.length === 0) return;

  const metadata = await vault.metadata.get();
  for (const stored of metadata.collections.values()) {
    const collection = knownCollection(stored);
    const objects = due.filter((each) => each.collection === collection.id).map(({ objectId }) => objectId);
    if (objects.length === 0) continue;

    const access = systemAccess(vault, metadata, 'idp-erasure', 'receiveIdpEvent');
    await access.record({ collection: collection.name, objects, outcome: 'allowed', rule: 'grace-over' });
    try {
      await vault.database.commit([
        ...deletionOf(collection.id, objects),
        settleErasures(collection.id, objects),
      ]);
    } catch (error) {
      throw await access.fail(error);
    }
  }
}
