import { BinaryRows } from './binary-rows.mjs';

/** @typedef {ReturnType<Awaited<ReturnType<typeof import('./sealer.mjs').sealerOf>>>} Sealed */

/**
 * The tables that an object and its token have rows in, the columns that are given and how one is written. Of the columns left out, `seq` counts by
 * itself, and the others are null in what has no owner, no expiry and no value in common with another.
 * @type {Record<string, { columns: string, write: (rows: BinaryRows, sealed: Sealed) => void }>}
 */
export const TABLES = {
  object: {
    columns: 'collection_id, id, tenant, revision, sealed, created_at, modified_at',
    write: (rows, { object }) =>
      void rows
        .row(7)
        .int4(object.collection)
        .uuid(object.id)
        .text(object.tenant)
        .int4(1)
        .bytes(object.sealed)
        .timestamp(object.createdAt)
        .timestamp(object.modifiedAt),
  },
  'keystore.object_key': {
    columns: 'collection_id, record_id, key_id, keyset_id, keyset_version, wrapped',
    write: (rows, { object: { collection, id, key } }) =>
      void rows
        .row(6)
        .int4(collection)
        .uuid(id)
        .uuid(key.keyId)
        .uuid(key.keysetId)
        .int4(key.keysetVersion)
        .bytes(key.wrapped),
  },
  blind_index: {
    columns: 'collection_id, property_id, lookup_version, value, object_id, holds_unique',
    write: (rows, { object }) => {
      for (const { property, value, unique } of object.indexes) {
        rows
          .row(6)
          .int4(object.collection)
          .int4(property)
          .int4(object.lookupVersion)
          .bytes(value)
          .uuid(object.id)
          .boolean(unique);
      }
    },
  },
  token: {
    columns:
      'id, collection_id, hash, lookup_version, type, scope, object_id, tenant, revision, sealed, meta, tags, created_at',
    write: (rows, { token }) =>
      void rows
        .row(13)
        .uuid(token.id)
        .int4(token.collection)
        .bytes(token.hash)
        .int4(token.lookupVersion)
        .text(token.type)
        .text(token.scope)
        .uuid(token.objectId)
        .text(token.tenant)
        .int4(token.revision)
        .bytes(token.sealed)
        .bytes(token.meta)
        .noBytes()
        .timestamp(token.createdAt),
  },
};
