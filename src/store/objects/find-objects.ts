import type { Database } from '../database.js';
import {
  IN_LIFECYCLE,
  type Lifecycle,
  OBJECT_COLUMNS,
  OBJECT_KEY_JOIN,
  type ObjectColumns,
  type ObjectRow,
  objectRowOf,
} from './object-row.js';
import { SharedLookup } from '../shared-lookup.js';

/** The ids stand in a subquery, so that the statement is not planned anew for each number of them (docs/adr/0057). */
const BY_ID = new SharedLookup<string, ObjectRow>(
  async (database, collection, lifecycle, ids) => {
    const rows = await database.run<ObjectColumns>({
      name: `object-find-${lifecycle}`,
      text: `select ${OBJECT_COLUMNS} from object o ${OBJECT_KEY_JOIN}
              where o.collection_id = $1 and o.id = any((select $2::uuid[])::uuid[]) and ${IN_LIFECYCLE[lifecycle]}`,
      values: [collection, ids],
    });
    return rows.map(objectRowOf);
  },
  ({ id }) => id,
  (id) => id,
);

/** Objects by id (in lower case), in no particular order; missing ones are missing. */
export function findObjects(
  database: Database,
  collection: number,
  ids: readonly string[],
  lifecycle: Lifecycle,
): Promise<ObjectRow[]> {
  return BY_ID.find(database, collection, lifecycle, ids);
}

/** Which objects of a collection a page or a search is about. */
export interface ObjectSelection {
  readonly collection: number;
  /** Null: both. */
  readonly lifecycle: Lifecycle | null;
  /** Null: all tenants. */
  readonly tenants: readonly string[] | null;
  /** Null: all ids. */
  readonly ids: readonly string[] | null;
  /** Each must be met by one of its values. */
  readonly indexed: readonly { readonly property: number; readonly values: readonly Buffer[] }[];
  /** Each must be met, as far as the property's substring index tells: some are let through that do not contain the text. */
  readonly substrings?: readonly SubstringCondition[];
}

/** Trapdoors of trigrams that a value must contain. */
export interface SubstringCondition {
  readonly property: number;
  readonly lookupVersion: number;
  readonly trapdoors: readonly Buffer[];
}

/** A page of objects in the order of their creation, behind `after` (a `seq`; 0 for the first page). */
export async function pageOfObjects(
  database: Database,
  selection: ObjectSelection,
  after: number,
  limit: number,
): Promise<ObjectRow[]> {
  const { hits, where, values } = conditions(selection, after);
  const rows = await database.run<ObjectColumns>({
    name: `object-page-${selection.lifecycle}-${selection.indexed.length}-${shape(selection)}`,
    text: `${hits} select ${OBJECT_COLUMNS} from object o ${OBJECT_KEY_JOIN}
            where ${where} order by o.seq limit $${values.length + 1}`,
    values: [...values, limit],
  });
  return rows.map(objectRowOf);
}

/** How many objects there are behind `after`, counting no further than `most`. */
export async function countObjects(
  database: Database,
  selection: ObjectSelection,
  after: number,
  most: number,
): Promise<number> {
  const { hits, where, values } = conditions(selection, after);
  const rows = await database.run<{ count: string }>({
    name: `object-count-${selection.lifecycle}-${selection.indexed.length}-${shape(selection)}`,
    text: `${hits} select count(*) as count from (select from object o where ${where} limit $${values.length + 1}) counted`,
    values: [...values, most],
  });
  return Number(rows[0]!.count);
}

/**
 * The hits of the blind indexes come first and are materialized: left to itself the planner may walk the whole
 * collection in order of `seq` to spare a sort.
 */
function conditions(
  selection: ObjectSelection,
  after: number,
): { hits: string; where: string; values: unknown[] } {
  const values: unknown[] = [selection.collection, after];
  const parts = ['o.collection_id = $1 and o.seq > $2'];
  if (selection.lifecycle) parts.push(IN_LIFECYCLE[selection.lifecycle]);
  if (selection.tenants) parts.push(`o.tenant = any($${values.push(selection.tenants)})`);
  if (selection.ids) parts.push(`o.id = any($${values.push(selection.ids)})`);

  const hits = selection.indexed.map(({ property, values: wanted }, i) => {
    parts.push(`o.id in (select object_id from hits${i})`);
    return `hits${i} as materialized (select object_id from blind_index
      where property_id = $${values.push(property)} and value = any($${values.push(wanted)}))`;
  });
  for (const { property, lookupVersion, trapdoors } of selection.substrings ?? []) {
    const [p, v, t] = [values.push(property), values.push(lookupVersion), values.push(trapdoors)];
    parts.push(mayContain(`$${p}`, `$${v}`, `$${t}::bytea[]`));
  }
  return { hits: hits.length > 0 ? `with ${hits.join(', ')}` : '', where: parts.join(' and '), values };
}

/**
 * Whether the substring filter of `o` may hold all trigrams: the layout is docs/FORMAT.md section 6.1. It has to be worked out for every object that is
 * looked at, since no two filters have anything in common: that is the price of an index that shows nothing. What has no usable filter may
 * contain anything.
 */
function mayContain(property: string, lookupVersion: string, trapdoors: string): string {
  const isUnset = (word: number): string => `get_bit(s.filter, 128 + (get_byte(c.codeword, ${word * 2}) * 256
      + get_byte(c.codeword, ${word * 2 + 1})) % ((octet_length(s.filter) - 16) * 8)) = 0`;
  return `coalesce((
    select s.filter is null or s.lookup_version <> ${lookupVersion} or octet_length(s.filter) < 17 or not exists (
      select from unnest(${trapdoors}) as t (trapdoor),
        lateral (select sha256(t.trapdoor || substring(s.filter from 1 for 16)) as codeword offset 0) c
       where ${[0, 1, 2, 3].map(isUnset).join(' or ')})
      from substring_index s
     where s.collection_id = o.collection_id and s.object_id = o.id and s.property_id = ${property}), false)`;
}

/** Part of the statement's name: one prepared statement for each shape of the conditions. */
function shape(selection: ObjectSelection): string {
  return `${selection.tenants ? 't' : ''}${selection.ids ? 'i' : ''}s${selection.substrings?.length ?? 0}`;
}
