import type { WrappedObjectKey } from '../../crypto/index.js';
import type { Statement } from '../database.js';
import { cut, slicesOf } from '../slices.js';
import { type IndexedValue, type ObjectRow, type SubstringFilter, byValue } from './object-row.js';

/** A new object with its key and its blind indexes. */
export interface NewObject extends Omit<ObjectRow, 'seq' | 'key' | 'revision' | 'ownerExpiresAt'> {
  readonly key: WrappedObjectKey;
  readonly indexes: readonly IndexedValue[];
  readonly substrings: readonly SubstringFilter[];
  readonly lookupVersion: number;
}

/**
 * Inserts an object at revision 1; each step takes the one before as its source, so that an id that exists is found first. Throws UniqueViolation on `object_pkey` for an id that exists and on
 * `blind_index_unique_value` for a value that another active object holds, ReferenceViolation where the owner or the collection is gone.
 */
export function insertObject(object: NewObject): Statement {
  return {
    name: 'object-insert',
    mergeable: { items: [object], merge: insertObjects },
    text: `with object as (
        insert into object (collection_id, id, tenant, revision, sealed, expires_at, owner_collection_id, owner_id, created_at, modified_at)
        values ($1, $2, $3, 1, $4, $5, $6, $7, $8, $19) returning id
      ), key as (
        insert into keystore.object_key (collection_id, record_id, key_id, keyset_id, keyset_version, wrapped)
        select $1, id, $9::uuid, $10::uuid, $11, $12 from object returning record_id
      ), substring as (
        insert into substring_index (collection_id, object_id, property_id, lookup_version, filter)
        select $1, record_id, property, $13, filter from key, unnest($17::int[], $18::bytea[]) as s (property, filter)
         where exists (select from property p where p.id = s.property and p.is_substring_index)
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
      object.substrings.map(({ property }) => property),
      object.substrings.map(({ filter }) => filter),
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
  const filters = objects.flatMap(({ collection, id, lookupVersion, substrings }) =>
    substrings.map((filter) => ({ ...filter, collection, id, lookupVersion })),
  );
  const sealed = slicesOf(objects.map((object) => object.sealed));
  const wrapped = slicesOf(objects.map((object) => object.key.wrapped));
  const values = slicesOf(indexes.map((index) => index.value));
  return {
    name: 'object-insert-many',
    text: `with object as (
        insert into object (collection_id, id, tenant, revision, sealed, expires_at, owner_collection_id, owner_id, created_at, modified_at)
        select collection, id, tenant, 1, ${cut('$4', 'at', 'length')}, expires, owner_collection, owner, created, modified
          from unnest($1::int[], $2::uuid[], $3::text[], $25::int[], $26::int[], $5::timestamptz[], $6::int[], $7::uuid[], $8::timestamptz[], $24::timestamptz[])
            as o (collection, id, tenant, at, length, expires, owner_collection, owner, created, modified)
      ), key as (
        insert into keystore.object_key (collection_id, record_id, key_id, keyset_id, keyset_version, wrapped)
        select collection, id, key, keyset, version, ${cut('$12', 'at', 'length')}
          from unnest($1::int[], $2::uuid[], $9::uuid[], $10::uuid[], $11::int[], $27::int[], $28::int[])
            as k (collection, id, key, keyset, version, at, length)
      ), substring as (
        insert into substring_index (collection_id, object_id, property_id, lookup_version, filter)
        select s.* from unnest($19::int[], $20::uuid[], $21::int[], $22::int[], $23::bytea[]) as s (collection, object, property, version, filter)
         where exists (select from property p where p.id = s.property and p.is_substring_index)
      )
      insert into blind_index (collection_id, property_id, lookup_version, value, object_id, holds_unique)
      select collection, property, version, ${cut('$16', 'at', 'length')}, object, holds
        from unnest($13::int[], $14::int[], $15::int[], $29::int[], $30::int[], $17::uuid[], $18::boolean[])
          as i (collection, property, version, at, length, object, holds)`,
    values: [
      objects.map((object) => object.collection),
      objects.map((object) => object.id),
      objects.map((object) => object.tenant),
      sealed.bytes,
      objects.map((object) => object.expiresAt),
      objects.map((object) => object.owner?.collection ?? null),
      objects.map((object) => object.owner?.id ?? null),
      objects.map((object) => object.createdAt),
      objects.map((object) => object.key.keyId),
      objects.map((object) => object.key.keysetId),
      objects.map((object) => object.key.keysetVersion),
      wrapped.bytes,
      indexes.map((index) => index.collection),
      indexes.map((index) => index.property),
      indexes.map((index) => index.lookupVersion),
      values.bytes,
      indexes.map((index) => index.id),
      indexes.map((index) => index.unique),
      filters.map(({ collection }) => collection),
      filters.map(({ id }) => id),
      filters.map(({ property }) => property),
      filters.map(({ lookupVersion }) => lookupVersion),
      filters.map(({ filter }) => filter),
      objects.map((object) => object.modifiedAt),
      ...[sealed.starts, sealed.lengths],
      ...[wrapped.starts, wrapped.lengths],
      ...[values.starts, values.lengths],
    ],
  };
}
