import type { WrappedObjectKey } from '../../crypto/index.js';
import { OBJECT_COLUMNS, type ObjectColumns, type ObjectRow, objectRowOf } from '../objects/object-row.js';

/** A token row as it is written. */
export interface TokenWrite {
  readonly id: string;
  readonly collection: number;
  readonly hash: Buffer;
  readonly lookupVersion: number;
  readonly type: string;
  readonly scope: string;
  readonly objectId: string | null;
  readonly tenant: string;
  readonly revision: number;
  readonly sealed: Buffer | null;
  readonly meta: Buffer;
  /** Hashes of the tags, by which it is searched. */
  readonly tags: readonly Buffer[];
  readonly expiresAt: Date | null;
  readonly createdAt: Date;
  /** Null where it was not changed since it was made. */
  readonly modifiedAt: Date | null;
  /** What it is found again by for equal values; null for the types that are new each time. */
  readonly valueHash: Buffer | null;
}

/** A token as stored, with its object (or null where it belongs to none) and the key it is sealed under. */
export interface StoredToken extends TokenWrite {
  readonly object: ObjectRow | null;
  /** The key of an ownerless token; an owned one is sealed under its object's. */
  readonly ownKey: WrappedObjectKey | null;
}

/** `from` and columns of a {@link StoredToken}; `t` is the token, `o` its object. */
export const SELECT_TOKEN = `select t.id as t_id, t.hash as t_hash, t.lookup_version as t_lookup_version, t.type as t_type,
    t.scope as t_scope, t.object_id as t_object_id, t.tenant as t_tenant, t.revision as t_revision, t.sealed as t_sealed,
    t.meta as t_meta, t.tags as t_tags, t.expires_at as t_expires_at, t.created_at as t_created_at, t.collection_id as t_collection_id,
    t.modified_at as t_modified_at, t.value_hash as t_value_hash,
    ${OBJECT_COLUMNS}
  from token t
  left join object o on o.collection_id = t.collection_id and o.id = t.object_id
  left join keystore.object_key k on k.collection_id = t.collection_id and k.record_id = coalesce(t.object_id, t.id)`;

/** What the driver returns for {@link SELECT_TOKEN}. */
export interface TokenColumns extends Omit<ObjectColumns, 'id'> {
  id: string | null;
  t_id: string;
  t_collection_id: number;
  t_hash: Buffer;
  t_lookup_version: number;
  t_type: string;
  t_scope: string;
  t_object_id: string | null;
  t_tenant: string;
  t_revision: number;
  t_sealed: Buffer | null;
  t_meta: Buffer;
  t_tags: Buffer[] | null;
  t_expires_at: Date | null;
  t_created_at: Date;
  t_modified_at: Date | null;
  t_value_hash: Buffer | null;
}

/** The row as the rest of the vault knows it. */
export function storedTokenOf(row: TokenColumns): StoredToken {
  const owned = row.id !== null;
  return {
    id: row.t_id,
    collection: row.t_collection_id,
    hash: row.t_hash,
    lookupVersion: row.t_lookup_version,
    type: row.t_type,
    scope: row.t_scope,
    objectId: row.t_object_id,
    tenant: row.t_tenant,
    revision: row.t_revision,
    sealed: row.t_sealed,
    meta: row.t_meta,
    tags: row.t_tags ?? [],
    expiresAt: row.t_expires_at,
    createdAt: row.t_created_at,
    modifiedAt: row.t_modified_at,
    valueHash: row.t_value_hash,
    object: owned ? objectRowOf(row as ObjectColumns) : null,
    ownKey:
      !row.t_object_id && row.key_id
        ? {
            keyId: row.key_id,
            keysetId: row.keyset_id,
            keysetVersion: row.keyset_version,
            wrapped: row.wrapped,
          }
        : null,
  };
}
