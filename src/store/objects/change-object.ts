import type { WrappedObjectKey } from '../../crypto/index.js';
import type { Statement } from '../database.js';
import type { IndexedValue } from './object-row.js';

/** An object as it shall be, and the revision it must still have. */
export interface ObjectChange {
  readonly collection: number;
  readonly id: string;
  readonly fromRevision: number;
  readonly sealed: Buffer;
  readonly expiresAt: Date | null;
  /** Null: stays as it is. */
  readonly createdAt: Date | null;
  readonly modifiedAt: Date;
  readonly key: WrappedObjectKey;
  /** Properties whose blind indexes are replaced by `indexes`. */
  readonly reindexed: readonly number[];
  readonly indexes: readonly IndexedValue[];
  readonly lookupVersion: number;
  /** Whether the object's unique values are its own from now on: true while it is active. */
  readonly holdsUnique: boolean;
  /** Properties that are unique: those whose values are held or let go with the object's life. */
  readonly uniqueProperties: readonly number[];
}

/**
 * Changes an object that is still at `fromRevision`; PV3218 where somebody else was faster. Throws UniqueViolation as
 * `insertObject` does.
 */
export function changeObject(change: ObjectChange): Statement {
  return {
    name: 'object-change',
    mustReturn: 1,
    text: `with object as (
        update object set revision = revision + 1, sealed = $4, expires_at = $5, modified_at = $6, created_at = coalesce($18, created_at)
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
           and holds_unique <> (property_id = any($17) and $16) and exists (select from object)
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
      change.createdAt,
    ],
  };
}

/** Deletes objects for good: rows, keys and blind indexes. Returns a row per object deleted. Their tokens come next. */
export function deleteObjects(collection: number, ids: readonly string[]): Statement {
  return {
    name: 'object-delete',
    text: `with gone as (
        delete from object where collection_id = $1 and id = any($2) returning id
      ), keys as (
        delete from keystore.object_key where collection_id = $1 and record_id in (select id from gone)
      ), indexes as (
        delete from blind_index where collection_id = $1 and object_id in (select id from gone)
      ) select id from gone`,
    values: [collection, ids],
  };
}

/**
 * Deletes the tokens of objects that an earlier statement of the same transaction has deleted: only a statement of its own sees those
 * that were being made while the first waited for the objects.
 */
export function deleteTokensOfDeleted(collection: number, ids: readonly string[]): Statement {
  return {
    name: 'object-delete-tokens',
    text: `delete from token t where t.collection_id = $1 and t.object_id = any($2)
              and not exists (select from object o where o.collection_id = $1 and o.id = t.object_id)`,
    values: [collection, ids],
  };
}
