import type { Property } from '../../collections/collection.js';
import type { IdempotencyRecord } from '../../store/idempotency.js';
import { ReferenceViolation, UniqueViolation } from '../../store/database-errors.js';
import { VaultError } from '../../errors.js';
import { amendStoredCollection } from '../../store/collections.js';
import { countObjectLifecycles } from '../../store/objects/count-lifecycles.js';
import { dropSubstringIndex } from '../../store/objects/substring-index-rows.js';
import { dropBlindIndexes, shareValues } from '../../store/objects/blind-index-rows.js';
import type { StoredProperty } from '../../store/metadata.js';
import type { KnownCollection } from '../collection-named.js';
import { isBlindIndexed } from '../objects/blind-indexes.js';
import type { Vault } from '../vault.js';

/**
 * Stores added and changed properties and brings the blind indexes in line with them. Writes index a property from the moment it is
 * stored; searches use the index when the older objects are in it too.
 */
export async function amendAndIndex(
  vault: Vault,
  collection: KnownCollection,
  added: readonly Property[],
  changed: readonly StoredProperty[],
  now: Date,
  record: IdempotencyRecord | null = null,
): Promise<void> {
  await refuseMissingValues(vault, collection, added);
  const changes = changed.map((after) => {
    const before = collection.ownById.get(after.id)!;
    const gains = isBlindIndexed(after) && !isBlindIndexed(before);
    return { before, after: gains ? { ...after, indexBuilt: false } : after, gains };
  });
  try {
    await amendStoredCollection(
      vault.database,
      collection.stored,
      added,
      changes.map(({ after }) => after),
      now,
      record,
    );
  } catch (error) {
    if (error instanceof UniqueViolation) throw new VaultError('PV9003', { field: 'name' });
    if (error instanceof ReferenceViolation) throw new VaultError('PV1004');
    throw error;
  }
  vault.metadata.invalidate();

  for (const { before, after, gains } of changes) {
    if (before.isSubstringIndex && !after.isSubstringIndex) {
      await dropSubstringIndex(vault.database, collection.id, after.id);
    }
    // The objects that are there are indexed later, between requests.
    if (gains) continue;
    if (!isBlindIndexed(after) && isBlindIndexed(before)) await dropBlindIndexes(vault.database, after.id);
    else if (before.isUnique && !after.isUnique) await shareValues(vault.database, after.id);
  }
}

/** Objects that are there would lack a value that must be there: PV9002. */
async function refuseMissingValues(
  vault: Vault,
  collection: KnownCollection,
  added: readonly Property[],
): Promise<void> {
  const mandatory = added.find(({ isNullable }) => !isNullable);
  if (!mandatory) return;
  const { active, archived } = await countObjectLifecycles(vault.database, collection.id, 1);
  if (active + archived > 0) throw new VaultError('PV9002', { property: mandatory.name });
}
