import { markIndexBuilt } from '../../store/collections.js';
import { type BuiltIndex, addBlindIndexes } from '../../store/objects/blind-index-rows.js';
import { pageOfObjects } from '../../store/objects/find-objects.js';
import type { Lifecycle } from '../../store/objects/object-row.js';
import type { StoredProperty } from '../../store/metadata.js';
import { type KnownCollection, knownCollection } from '../collection-named.js';
import { openFieldText, openObject } from '../objects/open-object.js';
import type { Vault } from '../vault.js';

const CHUNK = 500;

/** Builds the blind index of a property over the objects that were there before it was indexed, and says when it is complete. */
export async function buildBlindIndex(
  vault: Vault,
  collection: KnownCollection,
  property: StoredProperty,
): Promise<void> {
  await buildOver(vault, collection, property, 'active');
  await buildOver(vault, collection, property, 'archived');
  await markIndexBuilt(vault.database, property.id);
  vault.metadata.invalidate();
}

/** Goes on with what a vault that was stopped left unfinished. */
export async function resumeIndexBuilds(vault: Vault): Promise<void> {
  const { collections } = await vault.metadata.get();
  for (const stored of collections.values()) {
    for (const property of stored.properties) {
      if (!property.indexBuilt) await buildBlindIndex(vault, knownCollection(stored), property);
    }
  }
}

async function buildOver(
  vault: Vault,
  collection: KnownCollection,
  property: StoredProperty,
  lifecycle: Lifecycle,
): Promise<void> {
  const { lookup } = vault.keyring;
  const place = { collection: collection.id, property: property.id, lookupVersion: lookup.version };
  const selection = { collection: collection.id, lifecycle, tenants: null, ids: null, indexed: [] };

  for (let after = 0; ;) {
    const rows = await pageOfObjects(vault.database, selection, after, CHUNK);
    const built: BuiltIndex[] = [];
    for (const row of rows) {
      const text = openFieldText(await openObject(vault, row), property.id);
      if (text === null) continue;
      const value = lookup.blindIndex(collection.id, property.id, text);
      built.push({ object: row.id, revision: row.revision, value });
    }
    if (built.length > 0) await addBlindIndexes(vault.database, place, built);
    if (rows.length < CHUNK) return;
    after = rows.at(-1)!.seq;
  }
}
