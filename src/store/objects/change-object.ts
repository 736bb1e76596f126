import type { WrappedObjectKey } from '../../crypto/index.js';
import type { Statement } from '../database.js';
import type { IndexedValue, OwnerRef, SubstringFilter } from './object-row.js';

/** An object as it shall be, and the revision it must still have. */
export interface ObjectChange {
  readonly collection: number;
  readonly id: string;
  readonly fromRevision: number;
  readonly sealed: Buffer;
  readonly expiresAt: Date | null;
  readonly owner: OwnerRef | null;
  /** Null: stays as it is. */
  readonly createdAt: Date | null;
  readonly modifiedAt: Date;
  readonly key: WrappedObjectKey;
  /** Properties whose blind indexes are replaced by `indexes`. */
  readonly reindexed: readonly number[];
  readonly indexes: readonly IndexedValue[];
  /** The filters that replace those of the `reindexed` properties. */
  readonly substrings: readonly SubstringFilter[];
  readonly lookupVersion: number;
  /** Whether the object's unique values are its own from now on: true while it is active. */
  readonly holdsUnique: boolean;
  /** Whether it was archived before: then somebody may be taking a unique value from it at this moment. */
  readonly revived: boolean;
  /** Properties that are unique: those whose values are held or let go with the object's life. */
  readonly uniqueProperties: readonly number[];
}

/**
 * Changes an object that is still at `fromRevision`; PV3218 where somebody else was faster. Throws UniqueViolation and
 * ReferenceViolation as `insertObject` does.
 */
export function changeObject(change: ObjectChange): Statement {
  return {
    name: 'object-change',
    mustReturn: 1,
    text: `with object as (
        update object set revision = revision + 1, sealed = $4, expires_at = $5, modified_at = $6,
               owner_collection_id = $18, owner_id = $19, created_at = coalesce($23, created_at)
         where collection_id = $1 and id = $2 and revision = $3 returning id
      ), key as (
        update keystore.object_key set key_id = $7, keyset_id = $8, keyset_version = $9, wrapped = $10
         where collection_id = $1 and record_id = $2 and exists (select from object)
      ), gone as (
        delete from blind_index where collection_id = $1 and object_id = $2 and property_id = any($11)
           and (property_id, value) not in (select * from unnest($12::int[], $13::bytea[])) and exists (select from object)
      ), held as (
        update blind_index set holds_unique = property_id = any($17) and $16
         where collection_id = $1 and object_id = $2 and (property_id <> all($11)
            or (property_id, value) in (select * from unnest($12::int[], $13::bytea[])))
           and ($20 or holds_unique <> (property_id = any($17) and $16)) and exists (select from object)
      ), unsubstring as (
        delete from substring_index where collection_id = $1 and object_id = $2 and property_id = any($11)
           and property_id <> all($21) and exists (select from object)
      ), substring as (
        insert into substring_index (collection_id, object_id, property_id, lookup_version, filter)
        select $1, $2, property, $14, filter from unnest($21::int[], $22::bytea[]) as s (property, filter)
         where exists (select from object) and exists (select from property p where p.id = s.property and p.is_substring_index)
        on conflict (collection_id, object_id, property_id) do update set filter = excluded.filter, lookup_version = excluded.lookup_version
      ), added as (
        insert into blind_index (collection_id, property_id, lookup_version, value, object_id, holds_unique)
        select $1, property, $14, value, $2, holds and $16 from unnest($12::int[], $13::bytea[], $15::boolean[]) as i (property, value, holds)
         where exists (select from object)
        on conflict (property_id, value, object_id, lookup_version) do nothing
      ) select id from object`,
    values: [
      change.collection,
      change.id,
      change.fromRevision,
      change.sealed,
      change.expiresAt,
      change.modifiedAt,
      change.key.keyId,
      change.key.keysetId,
      change.key.keysetVersion,
      change.key.wrapped,
      change.reindexed,
      change.indexes.map((index) => index.property),
      change.indexes.map((index) => index.value),
      change.lookupVersion,
      change.indexes.map((index) => index.unique),
      change.holdsUnique,
      change.uniqueProperties,
      change.owner?.collection ?? null,
      change.owner?.id ?? null,
      change.revived,
      change.substrings.map(({ property }) => property),
      change.substrings.map(({ filter }) => filter),
      change.createdAt,
    ],
  };
}
