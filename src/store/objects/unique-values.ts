import type { Statement } from '../database.js';
import type { IndexedValue } from './object-row.js';

/**
 * Lets go of unique values that only archived objects hold, so that a new object can have them. Returns a row per value set free: with
 * none, the value is truly taken. The holders and their owners are locked until the commit: one that is being restored at the same time
 * is either seen as restored here, or finds its value taken.
 */
export function releaseExpiredValues(lookupVersion: number, indexes: readonly IndexedValue[]): Statement {
  const unique = indexes.filter((index) => index.unique);
  return {
    name: 'object-release-expired',
    text: `with holder as materialized (
             select b.property_id, b.value, o.id, o.expires_at, o.owner_collection_id, o.owner_id
               from unnest($2::int[], $3::bytea[]) as wanted (property, value)
               join blind_index b on b.property_id = wanted.property and b.value = wanted.value
               join object o on o.collection_id = b.collection_id and o.id = b.object_id
              where b.holds_unique and b.lookup_version = $1
              order by o.id for share of o
           ), owner as materialized (
             select w.collection_id, w.id, w.expires_at from object w
              where (w.collection_id, w.id) in (select owner_collection_id, owner_id from holder)
              order by w.id for share
           )
           update blind_index b set holds_unique = false
             from holder h left join owner w on w.collection_id = h.owner_collection_id and w.id = h.owner_id
            where b.property_id = h.property_id and b.value = h.value and b.object_id = h.id and b.lookup_version = $1
              and (h.expires_at <= now() or w.expires_at <= now())
        returning b.property_id`,
    values: [lookupVersion, unique.map((index) => index.property), unique.map((index) => index.value)],
  };
}

/**
 * Takes back the unique values of what objects own, in the transaction that restores them: they come back to life together. Throws
 * UniqueViolation on `blind_index_unique_value` where somebody has taken one meanwhile.
 */
export function takeBackOwnedValues(collection: number, owners: readonly string[]): Statement {
  return {
    name: 'object-take-back-owned',
    text: `update blind_index b set holds_unique = true
             from object o, property p
            where o.owner_collection_id = $1 and o.owner_id = any($2) and (o.expires_at is null or o.expires_at > now())
              and b.collection_id = o.collection_id and b.object_id = o.id and not b.holds_unique
              and p.id = b.property_id and p.is_unique`,
    values: [collection, owners],
  };
}
