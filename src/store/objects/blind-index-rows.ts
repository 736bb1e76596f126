import type { Database } from '../database.js';

/** A blind index made for an object as it was at a revision. */
export interface BuiltIndex {
  readonly object: string;
  readonly revision: number;
  readonly value: Buffer;
}

/**
 * Adds blind indexes of one property to objects that still are as they were read, and returns those objects' ids: the others
 * have to be read again.
 */
export async function addBlindIndexes(
  database: Database,
  place: { readonly collection: number; readonly property: number; readonly lookupVersion: number },
  built: readonly BuiltIndex[],
): Promise<string[]> {
  const rows = await database.run<{ object: string }>({
    name: 'blind-index-build',
    text: `with unchanged as materialized (
             select b.object, b.value
               from unnest($4::uuid[], $5::int[], $6::bytea[]) as b (object, revision, value)
               join object o on o.collection_id = $1 and o.id = b.object and o.revision = b.revision
           ), added as (
             insert into blind_index (collection_id, property_id, lookup_version, value, object_id, holds_unique)
             select $1, $2, $3, value, object, false from unchanged
              where exists (select from property p where p.id = $2 and (p.is_index or p.is_unique))
             on conflict do nothing
           ) select object from unchanged`,
    values: [
      place.collection,
      place.property,
      place.lookupVersion,
      built.map(({ object }) => object),
      built.map(({ revision }) => revision),
      built.map(({ value }) => value),
    ],
  });
  return rows.map(({ object }) => object);
}

/** Lets every value of a property be shared from now on. */
export async function shareValues(database: Database, property: number): Promise<void> {
  await database.run({
    name: 'blind-index-share',
    text: 'update blind_index set holds_unique = false where property_id = $1 and holds_unique',
    values: [property],
  });
}

/** Drops the blind indexes of a property. */
export async function dropBlindIndexes(database: Database, property: number): Promise<void> {
  await database.run({
    name: 'blind-index-drop',
    text: 'delete from blind_index where property_id = $1',
    values: [property],
  });
}
