import type { WrappedObjectKey } from '../../crypto/index.js';
import type { Statement } from '../database.js';
import { type IndexedValue, type ObjectRow, byValue } from './object-row.js';

/** A new object with its key and its blind indexes. */
export interface NewObject extends Omit<ObjectRow, 'seq' | 'key' | 'revision'> {
  readonly key: WrappedObjectKey;
  readonly indexes: readonly IndexedValue[];
  readonly lookupVersion: number;
}

/**
 * Inserts an object at revision 1; each step takes the one before as its source, so that an id that exists is found first. Throws UniqueViolation on `object_pkey` for an id that exists and on
 * `blind_index_unique_value` for a value that another active object holds.
 */
export function insertObject(object: NewObject): Statement {
  return {
    name: 'object-insert',
    mergeable: { items: [object], merge: insertObjects },
    text: `with object as (
        insert into object (collection_id, id, tenant, revision, sealed, expires_at, owner_collection_id, owner_id, created_at, modified_at)
        values ($1, $2, $3, 1, $4, $5, $6, $7, $8, $17) returning id
      ), key as (
        insert into keystore.object_key (collection_id, record_id, key_id, keyset_id, keyset_version, wrapped)
        select $1, id, $9::uuid, $10::uuid, $11, $12 from object returning record_id
      )
      insert into blind_index (collection_id, property_id, lookup_version, value, object_id, holds_unique)
      select $1, property, $13, value, record_id, holds
        from key, unnest($14::int[], $15::bytea[], $16::boolean[]) as i (property, value, holds)`,
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
      object.modifiedAt,
    ],
  };
}

/** Inserts objects as {@link insertObject} does each, but says of several violations only one. */
function insertObjects(objects: readonly NewObject[]): Statement {
  const indexes = objects
    .flatMap(({ collection, id, lookupVersion, indexes: own }) =>
      own.map((index) => ({ ...index, collection, id, lookupVersion })),
    )
    .sort(byValue);
  return {
    name: 'object-insert-many',
    text: `with object as (
        insert into object (collection_id, id, tenant, revision, sealed, expires_at, owner_collection_id, owner_id, created_at, modified_at)
        select collection, id, tenant, 1, sealed, expires, owner_collection, owner, created, modified
          from unnest($1::int[], $2::uuid[], $3::text[], $4::bytea[], $5::timestamptz[], $6::int[], $7::uuid[], $8::timestamptz[], $19::timestamptz[])
            as o (collection, id, tenant, sealed, expires, owner_collection, owner, created, modified)
      ), key as (
        insert into keystore.object_key (collection_id, record_id, key_id, keyset_id, keyset_version, wrapped)
        select * from unnest($1::int[], $2::uuid[], $9::uuid[], $10::uuid[], $11::int[], $12::bytea[])
      )
      insert into blind_index (collection_id, property_id, lookup_version, value, object_id, holds_unique)
      select * from unnest($13::int[], $14::int[], $15::int[], $16::bytea[], $17::uuid[], $18::boolean[])`,
    values: [
      objects.map((object) => object.collection),
      objects.map((object) => object.id),
      objects.map((object) => object.tenant),
      objects.map((object) => object.sealed),
      objects.map((object) => object.expiresAt),
      objects.map((object) => object.owner?.collection ?? null),
      objects.map((object) => object.owner?.id ?? null),
      objects.map((object) => object.createdAt),
      objects.map((object) => object.key.keyId),
      objects.map((object) => object.key.keysetId),
      objects.map((object) => object.key.keysetVersion),
      objects.map((object) => object.key.wrapped),
      indexes.map((index) => index.collection),
      indexes.map((index) => index.property),
      indexes.map((index) => index.lookupVersion),
      indexes.map((index) => index.value),
      indexes.map((index) => index.id),
      indexes.map((index) => index.unique),
      objects.map((object) => object.modifiedAt),
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
