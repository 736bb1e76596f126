import type { Statement } from '../database.js';
import type { ObjectChange } from './change-object.js';
import { byValue } from './object-row.js';

/**
 * Changes objects of one collection that are each still at their `fromRevision`, all or none: PV3218 where somebody else was faster. Values
 * that are replaced, and unique ones of objects that will be archived, are let go of; {@link indexChangedObjects} comes next, as a
 * statement of its own, so that objects of one batch can exchange their values.
 */
export function changeObjects(changes: readonly ObjectChange[]): Statement {
  const reindexed = changes.flatMap(({ id, reindexed: properties }) =>
    properties.map((property) => ({ id, property })),
  );
  return {
    name: 'object-change-many',
    mustReturn: changes.length,
    text: `with change as materialized (
        select * from unnest($2::uuid[], $3::int[], $4::bytea[], $5::timestamptz[], $6::timestamptz[], $7::timestamptz[],
                             $8::uuid[], $9::uuid[], $10::int[], $11::bytea[], $12::boolean[], $15::int[], $16::uuid[])
            as c (id, revision, sealed, expires, created, modified, key_id, keyset_id, keyset_version, wrapped, active,
                  owner_collection, owner)
      ), locked as materialized (
        select o.id from object o join change c on c.id = o.id and c.revision = o.revision
         where o.collection_id = $1 order by o.id for update of o
      ), changed as (
        update object o set revision = o.revision + 1, sealed = c.sealed, expires_at = c.expires,
               created_at = coalesce(c.created, o.created_at), modified_at = c.modified,
               owner_collection_id = c.owner_collection, owner_id = c.owner
          from change c join locked l on l.id = c.id where o.collection_id = $1 and o.id = c.id
        returning o.id, c.active
      ), key as (
        update keystore.object_key k set key_id = c.key_id, keyset_id = c.keyset_id, keyset_version = c.keyset_version, wrapped = c.wrapped
          from change c join locked l on l.id = c.id where k.collection_id = $1 and k.record_id = c.id
      ), reindexed as materialized (
        select r.object, r.property from unnest($13::uuid[], $14::int[]) as r (object, property) join locked l on l.id = r.object
      ), gone as (
        delete from blind_index b using reindexed r
         where b.collection_id = $1 and b.object_id = r.object and b.property_id = r.property
      ), unsubstring as (
        delete from substring_index s using reindexed r
         where s.collection_id = $1 and s.object_id = r.object and s.property_id = r.property
      ), released as (
        update blind_index b set holds_unique = false from changed o
         where b.collection_id = $1 and b.object_id = o.id and not o.active and b.holds_unique
           and (b.object_id, b.property_id) not in (select object, property from reindexed)
      ) select id from changed`,
    values: [
      changes[0]?.collection ?? 0,
      changes.map(({ id }) => id),
      changes.map(({ fromRevision }) => fromRevision),
      changes.map(({ sealed }) => sealed),
      changes.map(({ expiresAt }) => expiresAt),
      changes.map(({ createdAt }) => createdAt),
      changes.map(({ modifiedAt }) => modifiedAt),
      changes.map(({ key }) => key.keyId),
      changes.map(({ key }) => key.keysetId),
      changes.map(({ key }) => key.keysetVersion),
      changes.map(({ key }) => key.wrapped),
      changes.map(({ holdsUnique }) => holdsUnique),
      reindexed.map(({ id }) => id),
      reindexed.map(({ property }) => property),
      changes.map(({ owner }) => owner?.collection ?? null),
      changes.map(({ owner }) => owner?.id ?? null),
    ],
  };
}

/**
 * Indexes the new values of objects that {@link changeObjects} has just changed and lets the active ones hold their unique values. Throws
 * UniqueViolation on `blind_index_unique_value` for a value that another active object holds.
 */
export function indexChangedObjects(changes: readonly ObjectChange[]): Statement {
  const indexes = changes
    .flatMap(({ id, holdsUnique, indexes: own }) =>
      own.map((index) => ({ ...index, id, holds: index.unique && holdsUnique })),
    )
    .sort(byValue);
  const filters = changes.flatMap(({ id, substrings }) => substrings.map((filter) => ({ ...filter, id })));
  return {
    name: 'object-index-many',
    text: `with held as (
        update blind_index set holds_unique = true
         where collection_id = $1 and object_id = any($2) and property_id = any($3) and (not holds_unique or object_id = any($9))
      ), substring as (
        insert into substring_index (collection_id, object_id, property_id, lookup_version, filter)
        select $1, s.object, s.property, $4, s.filter from unnest($10::uuid[], $11::int[], $12::bytea[]) as s (object, property, filter)
         where exists (select from property p where p.id = s.property and p.is_substring_index)
      )
      insert into blind_index (collection_id, property_id, lookup_version, value, object_id, holds_unique)
      select $1, property, $4, value, object, holds
        from unnest($5::int[], $6::bytea[], $7::uuid[], $8::boolean[]) as i (property, value, object, holds)
      on conflict (property_id, value, object_id, lookup_version) do nothing`,
    values: [
      changes[0]?.collection ?? 0,
      changes.filter(({ holdsUnique }) => holdsUnique).map(({ id }) => id),
      changes[0]?.uniqueProperties ?? [],
      changes[0]?.lookupVersion ?? 0,
      indexes.map(({ property }) => property),
      indexes.map(({ value }) => value),
      indexes.map(({ id }) => id),
      indexes.map(({ holds }) => holds),
      // Somebody may be taking a value of an object that comes back: its row is written even where it says so already.
      changes.filter(({ revived }) => revived).map(({ id }) => id),
      filters.map(({ id }) => id),
      filters.map(({ property }) => property),
      filters.map(({ filter }) => filter),
    ],
  };
}
