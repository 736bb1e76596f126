import type { Database } from '../database.js';

/** Drops the substring index of a property. */
export async function dropSubstringIndex(
  database: Database,
  collection: number,
  property: number,
): Promise<void> {
  await database.run({
    name: 'substring-index-drop',
    text: 'delete from substring_index where collection_id = $1 and property_id = $2',
    values: [collection, property],
  });
}
