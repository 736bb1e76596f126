import type { WrappedObjectKey } from '../../crypto/index.js';

/** The object of a PERSONS collection that another belongs to. */
export interface OwnerRef {
  readonly collection: number;
  readonly id: string;
}

/** An object as stored, with the row of its key. `tenant` is '' for none. */
export interface ObjectRow {
  readonly seq: number;
  readonly collection: number;
  readonly id: string;
  readonly tenant: string;
  readonly revision: number;
  readonly sealed: Buffer;
  readonly expiresAt: Date | null;
  readonly owner: OwnerRef | null;
  /** When the owner expires; null for never and where there is none. */
  readonly ownerExpiresAt: Date | null;
  readonly createdAt: Date;
  readonly modifiedAt: Date;
  /** Null where the key is gone: the object was erased, or its key row was removed by force. */
  readonly key: WrappedObjectKey | null;
}

/** A blind index of one property of an object. */
export interface IndexedValue {
  readonly property: number;
  readonly value: Buffer;
  /** The value is this object's alone among the active ones. */
  readonly unique: boolean;
}

/** Which objects may contain a text: a filter over the trigrams of one value; null where the value is too long for one. */
export interface SubstringFilter {
  readonly property: number;
  readonly filter: Buffer | null;
}

/**
 * One order for the values of a statement, whoever sends it: two that want the same unique values then wait for one another instead of
 * each for the other.
 */
export function byValue(a: IndexedValue, b: IndexedValue): number {
  return a.property - b.property || Buffer.compare(a.value, b.value);
}

/** Whether a statement is about active objects or about archived ones. */
export type Lifecycle = 'active' | 'archived';

/**
 * The owner of `o`. Always read within the statement that looks for `o`, never copied: a copy would have to be brought up to date in
 * everything an owner owns. It costs an owned object two probes of the primary key, any other one nothing (docs/adr/0013). A subquery
 * that yields a value is never turned into a scan of all owners, as `exists` may be.
 */
const OF_OWNER = 'from object w where w.collection_id = o.owner_collection_id and w.id = o.owner_id';

/** Columns of an {@link ObjectRow}, for `from object o left join keystore.object_key k`. */
export const OBJECT_COLUMNS = `o.seq, o.collection_id, o.id, o.tenant, o.revision, o.sealed, o.expires_at, o.owner_collection_id,
  o.owner_id, case when o.owner_id is not null then (select w.expires_at ${OF_OWNER}) end as owner_expires_at,
  o.created_at, o.modified_at, k.key_id, k.keyset_id, k.keyset_version, k.wrapped`;

export const OBJECT_KEY_JOIN =
  'left join keystore.object_key k on k.collection_id = o.collection_id and k.record_id = o.id';

/**
 * The condition on `o` for a lifecycle: an object is active while it and its owner are. Expiry is judged by the database's clock, the same for
 * every instance.
 */
export const IN_LIFECYCLE: Record<Lifecycle, string> = {
  active: `((o.expires_at is null or o.expires_at > now())
    and (o.owner_id is null or coalesce((select w.expires_at is null or w.expires_at > now() ${OF_OWNER}), false)))`,
  archived: `(o.expires_at <= now()
    or (o.owner_id is not null and coalesce((select w.expires_at <= now() ${OF_OWNER}), false)))`,
};

/** What the driver returns for {@link OBJECT_COLUMNS}. */
export interface ObjectColumns {
  seq: string;
  collection_id: number;
  id: string;
  tenant: string;
  revision: number;
  sealed: Buffer;
  expires_at: Date | null;
  owner_collection_id: number | null;
  owner_id: string | null;
  owner_expires_at: Date | null;
  created_at: Date;
  modified_at: Date;
  key_id: string | null;
  keyset_id: string;
  keyset_version: number;
  wrapped: Buffer;
}

/** The row as the rest of the vault knows it. */
export function objectRowOf(row: ObjectColumns): ObjectRow {
  return {
    seq: Number(row.seq),
    collection: row.collection_id,
    id: row.id,
    tenant: row.tenant,
    revision: row.revision,
    sealed: row.sealed,
    expiresAt: row.expires_at,
    owner: row.owner_id ? { collection: row.owner_collection_id!, id: row.owner_id } : null,
    ownerExpiresAt: row.owner_expires_at,
    createdAt: row.created_at,
    modifiedAt: row.modified_at,
    key: row.key_id
      ? {
          keyId: row.key_id,
          keysetId: row.keyset_id,
          keysetVersion: row.keyset_version,
          wrapped: row.wrapped,
        }
      : null,
  };
}

/** When an object stops being active: the earlier of its own expiry and its owner's; null: never. */
export function effectiveExpiry({
  expiresAt,
  ownerExpiresAt,
}: Pick<ObjectRow, 'expiresAt' | 'ownerExpiresAt'>): Date | null {
  if (!expiresAt || !ownerExpiresAt) return expiresAt ?? ownerExpiresAt;
  return expiresAt < ownerExpiresAt ? expiresAt : ownerExpiresAt;
}
