import type { ErrorCode } from '../../errors.js';
import type { Statement } from '../database.js';

/** Sets these locks apart from others of the database. */
const LOCK_CLASS = 0x746f6b;
/** So many locks, and no more, can one transaction take: the server has room for some thousands in all. */
const LOCKS = 256;

/**
 * Makes whoever is about to decide by the same values, ids or tags wait until this transaction is over. The guards come after it, in
 * statements of their own: only those see what the one before has committed.
 */
export function lockTokens(keys: readonly Buffer[]): Statement {
  const buckets = new Set(keys.map((key) => key.readUInt16BE(0) % LOCKS));
  return {
    name: 'token-lock',
    // In one order for all, so that no two wait for each other.
    text: 'select pg_advisory_xact_lock($1, bucket) from unnest($2::int[]) as bucket',
    values: [LOCK_CLASS, [...buckets].sort((a, b) => a - b)],
  };
}

/** What a request found out about a value: the token that stands for it, or that there is none. */
export interface ValueExpectation {
  readonly value: Buffer;
  readonly token: { readonly id: string; readonly hash: Buffer } | null;
}

/** PV3218 unless each value still is as it was found. */
export function guardValues(expected: readonly ValueExpectation[]): Statement {
  return {
    name: 'token-guard-values',
    mustReturn: 0,
    text: `select from unnest($1::bytea[], $2::uuid[], $3::bytea[]) as e (value, id, hash)
       where (e.id is null) = exists (
         select from token t where t.value_hash = e.value and (e.id is null or (t.id = e.id and t.hash = e.hash))
            and (t.object_id is null or exists (select from object o where o.collection_id = t.collection_id and o.id = t.object_id)))`,
    values: [
      expected.map(({ value }) => value),
      expected.map(({ token }) => token?.id ?? null),
      expected.map(({ token }) => token?.hash ?? null),
    ],
  };
}

/** An id that is about to be used, and what it stands for; null: for nothing that another record could stand for too. */
export interface IdClaim {
  readonly hash: Buffer;
  readonly value: Buffer | null;
}

/** `orElse` unless each id is free, or stands for the same value already. */
export function guardIds(collection: number, claims: readonly IdClaim[], orElse: ErrorCode): Statement {
  return {
    name: 'token-guard-ids',
    mustReturn: 0,
    orElse,
    text: `select from unnest($2::bytea[], $3::bytea[]) as c (hash, value)
       where exists (select from token t where t.collection_id = $1 and t.hash = c.hash
                        and (c.value is null or t.value_hash is distinct from c.value))`,
    values: [collection, claims.map(({ hash }) => hash), claims.map(({ value }) => value)],
  };
}

/** PV3218 unless these are all the records that the ids have. */
export function guardRecords(
  collection: number,
  records: readonly { readonly id: string; readonly hash: Buffer }[],
): Statement {
  return {
    name: 'token-guard-records',
    mustReturn: 0,
    text: `select from token t where t.collection_id = $1 and t.hash = any($2) and t.id <> all($3::uuid[])`,
    values: [collection, records.map(({ hash }) => hash), records.map(({ id }) => id)],
  };
}

/** A tag that no other token of the tenant may have. */
export interface UniqueTag {
  readonly tag: Buffer;
  readonly tenant: string;
  /** The token that has it or is about to. */
  readonly hash: Buffer;
}

/** PV9044 where an active token of the same tenant with another id has one of the tags. */
export function guardTags(collection: number, tags: readonly UniqueTag[]): Statement {
  return {
    name: 'token-guard-tags',
    mustReturn: 0,
    orElse: 'PV9044',
    text: `select from unnest($2::bytea[], $3::text[], $4::bytea[]) as u (tag, tenant, hash)
       where exists (
         select from token t left join object o on o.collection_id = t.collection_id and o.id = t.object_id
          where t.collection_id = $1 and t.tenant = u.tenant and t.hash <> u.hash
            and t.tags @> array[u.tag] and t.tags <> '{}'
            and (t.expires_at is null or t.expires_at > now())
            and (t.object_id is null or (o.id is not null and (o.expires_at is null or o.expires_at > now()))))`,
    values: [
      collection,
      tags.map(({ tag }) => tag),
      tags.map(({ tenant }) => tenant),
      tags.map(({ hash }) => hash),
    ],
  };
}
