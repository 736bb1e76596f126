import type { Database } from '../database.js';
import { SharedLookup } from '../shared-lookup.js';
import {
  IN_LIFECYCLE,
  type Lifecycle,
  OBJECT_COLUMNS,
  OBJECT_KEY_JOIN,
  type ObjectColumns,
  type ObjectRow,
  objectRowOf,
} from './object-row.js';

/** One value in the blind index of a property. */
export interface IndexedKey {
  readonly property: number;
  readonly value: Buffer;
}

/** An object that a value led to; null: to more of them than a shared statement reads. */
interface Hit {
  readonly key: IndexedKey;
  readonly row: ObjectRow | null;
}

/** A value with more rows in the index has a statement to itself: nobody is to wait for what somebody else's value is common among. */
const MOST_SHARED_ROWS = 20;

/**
 * The rows of the index come first, and the objects by their ids: no plan for that grows with the collection. What does not fit is not read, so
 * that the statement stays small whatever values meet in it. The keys stand in subqueries, so that it is not planned anew for each number of them (docs/adr/0057).
 */
const BY_VALUE = new SharedLookup<IndexedKey, Hit>(
  async (database, collection, lifecycle, keys) => {
    const rows = await database.run<ObjectColumns & { nth: number; fits: boolean }>({
      name: `object-by-index-${lifecycle}`,
      text: `select wanted.nth::int as nth, hits.fits, found.*
               from unnest((select $2::int[]), (select $3::bytea[])) with ordinality as wanted (property, value, nth)
              cross join lateral (
                select array_agg(object_id) as ids, count(*) <= ${MOST_SHARED_ROWS} as fits from (
                  select b.object_id from blind_index b
                   where b.property_id = wanted.property and b.value = wanted.value limit ${MOST_SHARED_ROWS + 1}) few
              ) hits
               left join lateral (
                select ${OBJECT_COLUMNS} from object o ${OBJECT_KEY_JOIN}
                 where hits.fits and o.collection_id = $1 and o.id = any(hits.ids) and ${IN_LIFECYCLE[lifecycle]}
              ) found on true
              where found.id is not null or not hits.fits`,
      values: [collection, keys.map(({ property }) => property), keys.map(({ value }) => value)],
    });
    return rows.map((row) => ({ key: keys[row.nth - 1]!, row: row.fits ? objectRowOf(row) : null }));
  },
  ({ key }) => key,
  ({ property, value }) => `${property}/${value.toString('base64')}`,
);

/**
 * The objects that one indexed value leads to, in the order of their creation, by a statement shared with others who ask at about the same time.
 * Null: they are too many for that, {@link pageOfObjects} has to be asked.
 */
export async function findByIndex(
  database: Database,
  collection: number,
  lifecycle: Lifecycle,
  key: IndexedKey,
): Promise<ObjectRow[] | null> {
  const rows: ObjectRow[] = [];
  for (const { row } of await BY_VALUE.find(database, collection, lifecycle, [key])) {
    if (!row) return null;
    rows.push(row);
  }
  return rows.sort((a, b) => a.seq - b.seq);
}
