import type { Database } from '../database.js';
import type { IndexedValue } from './object-row.js';

/** An object that has a unique value to itself. */
export interface ValueHolder {
  readonly property: number;
  readonly value: Buffer;
  readonly object: string;
}

/** Which active objects hold the unique ones among `wanted`. An expired holder has to yield and is not among them. */
export async function findHolders(
  database: Database,
  lookupVersion: number,
  wanted: readonly IndexedValue[],
): Promise<ValueHolder[]> {
  const unique = wanted.filter((index) => index.unique);
  return database.run<ValueHolder & Record<string, unknown>>({
    name: 'object-find-holders',
    text: `select b.property_id as property, b.value, b.object_id as object
             from unnest($2::int[], $3::bytea[]) as wanted (property, value)
             join blind_index b on b.property_id = wanted.property and b.value = wanted.value and b.lookup_version = $1 and b.holds_unique
             join object o on o.collection_id = b.collection_id and o.id = b.object_id
            where o.expires_at is null or o.expires_at > now()`,
    values: [lookupVersion, unique.map(({ property }) => property), unique.map(({ value }) => value)],
  });
}

/** The revisions of the objects among `ids` that exist, active or archived. */
export async function findRevisions(
  database: Database,
  collection: number,
  ids: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const rows = await database.run<{ id: string; revision: number }>({
    name: 'object-find-revisions',
    text: 'select id, revision from object where collection_id = $1 and id = any($2)',
    values: [collection, ids],
  });
  return new Map(rows.map(({ id, revision }) => [id, revision]));
}
