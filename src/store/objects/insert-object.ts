import type { WrappedObjectKey } from '../../crypto/index.js';
import type { Statement } from '../database.js';
import type { IndexedValue, ObjectRow } from './object-row.js';

/** A new object with its key and its blind indexes. */
export interface NewObject extends Omit<ObjectRow, 'seq' | 'key' | 'revision'> {
  readonly key: WrappedObjectKey;
  readonly indexes: readonly IndexedValue[];
  readonly lookupVersion: number;
}

/**
 * Inserts an object at revision 1. Throws UniqueViolation on `object_pkey` for an id that exists and on
 * `blind_index_unique_value` for a value that another active object holds.
 */
export function insertObject(object: NewObject): Statement {
  return {
    name: 'object-insert',
    text: `with object as (
        insert into object (collection_id, id, tenant, revision, sealed, expires_at, owner_collection_id, owner_id, created_at, modified_at)
        values ($1, $2, $3, 1, $4, $5, $6, $7, $8, $8)
      ), key as (
        insert into keystore.object_key (collection_id, record_id, key_id, keyset_id, keyset_version, wrapped)
        values ($1, $2, $9, $10, $11, $12)
      )
      insert into blind_index (collection_id, property_id, lookup_version, value, object_id, holds_unique)
      select $1, property, $13, value, $2, holds from unnest($14::int[], $15::bytea[], $16::boolean[]) as i (property, value, holds)`,
    values: [
      object.collection,
      object.id,
      object.tenant,
      object.sealed,
      object.expiresAt,
      object.owner?.collection ?? null,
      object.owner?.id ?? null,
      object.createdAt,
      object.key.keyId,
      object.key.keysetId,
      object.key.keysetVersion,
      object.key.wrapped,
      object.lookupVersion,
      object.indexes.map((index) => index.property),
      object.indexes.map((index) => index.value),
      object.indexes.map((index) => index.unique),
    ],
  };
}

/**
 * Lets go of unique values that only archived objects hold, so that a new object can have them. Returns a row per value
 * set free: with none, the value is truly taken.
 */
export function releaseExpiredValues(lookupVersion: number, indexes: readonly IndexedValue[]): Statement {
  const unique = indexes.filter((index) => index.unique);
  return {
    name: 'object-release-expired',
    text: `update blind_index b set holds_unique = false
             from object o, unnest($2::int[], $3::bytea[]) as wanted (property, value)
            where b.holds_unique and b.lookup_version = $1 and b.property_id = wanted.property and b.value = wanted.value
              and o.collection_id = b.collection_id and o.id = b.object_id and o.expires_at <= now()
        returning b.property_id`,
    values: [lookupVersion, unique.map((index) => index.property), unique.map((index) => index.value)],
  };
}
