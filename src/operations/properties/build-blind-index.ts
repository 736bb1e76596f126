import { markIndexBuilt } from '../../store/collections.js';
import { type BuiltIndex, addBlindIndexes } from '../../store/objects/blind-index-rows.js';
import { type ObjectSelection, pageOfObjects } from '../../store/objects/find-objects.js';
import type { ObjectRow } from '../../store/objects/object-row.js';
import type { StoredCollection, StoredProperty } from '../../store/metadata.js';
import { isBlindIndexed } from '../objects/blind-indexes.js';
import { openFieldText, openObject } from '../objects/open-object.js';
import type { Vault } from '../vault.js';

const CHUNK = 500;

/**
 * A write that began before a property was indexed does not index it: a snapshot of the schema is up to five seconds old, a statement may
 * run for thirty. A build begins when the last of them is over; until it is done, searches look at the values.
 */
const SETTLED_MS = 60_000;

/** Builds the blind indexes that are due, those that a vault which was stopped left unfinished included. */
export async function buildBlindIndexes(vault: Vault, now = new Date()): Promise<void> {
  const { collections } = await vault.metadata.get();
  for (const collection of collections.values()) {
    for (const property of collection.properties) {
      const age = now.getTime() - property.modificationTime.getTime();
      const isDue = isBlindIndexed(property) && !property.indexBuilt && age >= SETTLED_MS;
      if (isDue) await buildBlindIndex(vault, collection, property);
    }
  }
}

/** Indexes a property of the objects that were there before it was indexed, and says when it is complete. */
async function buildBlindIndex(
  vault: Vault,
  collection: StoredCollection,
  property: StoredProperty,
): Promise<void> {
  const all = { collection: collection.id, lifecycle: null, tenants: null, ids: null, indexed: [] };
  for (let after = 0; ;) {
    const rows = await pageOfObjects(vault.database, all, after, CHUNK);
    await indexObjects(vault, all, property, rows);
    if (rows.length < CHUNK) break;
    after = rows.at(-1)!.seq;
  }
  await markIndexBuilt(vault.database, property.id);
  vault.metadata.invalidate();
}

/** Whoever changes an object meanwhile indexes only what it changes, so an object that is not as it was read is read again. */
async function indexObjects(
  vault: Vault,
  all: ObjectSelection,
  property: StoredProperty,
  rows: readonly ObjectRow[],
): Promise<void> {
  const { lookup } = vault.keyring;
  const place = { collection: all.collection, property: property.id, lookupVersion: lookup.version };
  const built: BuiltIndex[] = [];
  for (const row of rows) {
    const text = openFieldText(await openObject(vault, row), property.id);
    if (text === null) continue;
    const value = lookup.blindIndex(all.collection, property.id, text);
    built.push({ object: row.id, revision: row.revision, value });
  }
  if (built.length === 0) return;

  const unchanged = new Set(await addBlindIndexes(vault.database, place, built));
  const ids = built.map(({ object }) => object).filter((id) => !unchanged.has(id));
  if (ids.length === 0) return;
  const again = await pageOfObjects(vault.database, { ...all, ids }, 0, ids.length);
  await indexObjects(vault, all, property, again);
}
