import {
  countLeftBehind,
  findLoneKeys,
  findObjectGarbage,
  removeLeftBehind,
  removeLoneKeys,
  removeObjectGarbage,
} from '../../store/garbage.js';
import type { StoredCollection } from '../../store/metadata.js';
import { type DeletionCount, type GarbageRun, placeOf, sweep } from './garbage-run.js';

/** No collection can have this name. */
const DELETED_COLLECTIONS = '(deleted)';

/** Objects that were archived long ago, collection by collection, and what can never be opened. */
export async function objectGarbage(run: GarbageRun): Promise<DeletionCount[]> {
  const counts: DeletionCount[] = [];
  for (const collection of run.collections) {
    const { name, type } = collection;
    counts.push({ collection_name: name, collection_type: type, count: await archived(run, collection) });
  }
  // These read whole tables, so they come when the rest is done.
  for (const [i, collection] of run.collections.entries()) {
    counts[i]!.count += await unopenable(run, collection);
  }
  // Whoever is limited to tenants is not to touch what belongs to nobody any more.
  const leftBehind = run.tenants === null ? await leftOfDeletedCollections(run) : 0;
  if (leftBehind > 0) {
    counts.push({ collection_name: DELETED_COLLECTIONS, collection_type: 'DATA', count: leftBehind });
  }
  return counts;
}

async function archived(run: GarbageRun, collection: StoredCollection): Promise<number> {
  const { database } = run.vault;
  const place = placeOf(run, collection);
  return sweep(run, {
    find: (most) => findObjectGarbage(database, 'archived', place, most),
    facts: (objects) => ({ collection: collection.name, rule: 'archived-objects', objects }),
    remove: (ids) => removeObjectGarbage(database, 'archived', place, ids),
  });
}

/** Objects without their key, and keys without their object: neither is of use to anybody. */
async function unopenable(run: GarbageRun, collection: StoredCollection): Promise<number> {
  const { database } = run.vault;
  const place = placeOf(run, collection);
  const objects = await sweep(run, {
    find: (most) => findObjectGarbage(database, 'keyless', place, most),
    facts: (ids) => ({ collection: collection.name, rule: 'objects-without-key', objects: ids }),
    remove: (ids) => removeObjectGarbage(database, 'keyless', place, ids),
  });
  if (run.tenants !== null) return objects;

  const keys = await sweep(run, {
    find: (most) => findLoneKeys(database, collection.id, most),
    facts: ({ length }) => ({ collection: collection.name, rule: 'keys-without-object', count: length }),
    remove: (records) => removeLoneKeys(database, collection.id, records),
  });
  return objects + keys;
}

/** What was added to a collection while it was being deleted. */
async function leftOfDeletedCollections(run: GarbageRun): Promise<number> {
  const { database } = run.vault;
  return sweep(run, {
    find: async (most) => new Array<null>(await countLeftBehind(database, most)),
    facts: ({ length }) => ({ rule: 'left-by-deleted-collections', count: length }),
    remove: ({ length }) => removeLeftBehind(database, length),
  });
}
