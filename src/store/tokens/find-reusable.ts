import type { Database } from '../database.js';
import { SELECT_TOKEN, type StoredToken, type TokenColumns, storedTokenOf } from './token-row.js';

/** Whom a record of an id that is the same for equal values belongs to. */
export interface RecordOwner {
  readonly hash: Buffer;
  readonly objectId: string | null;
  readonly tenant: string;
}

/** A record whose object was deleted while it was being made is as good as gone. */
const OWNED_OR_FREE = `(t.object_id is null
  or exists (select from object o where o.collection_id = t.collection_id and o.id = t.object_id))`;

/**
 * For each value one token that stands for it, archived ones included: in this collection if there is one, else wherever the space of
 * values reaches. Values without a token are missing.
 */
export async function findByValue(
  database: Database,
  collection: number,
  values: readonly Buffer[],
): Promise<StoredToken[]> {
  if (values.length === 0) return [];
  const first = (where: string): string => `(select t.collection_id, t.hash, t.id from token t
      where t.value_hash = wanted.value ${where} and ${OWNED_OR_FREE}
      order by t.value_hash, t.collection_id, t.created_at, t.id limit 1)`;
  const rows = await database.run<TokenColumns>({
    name: 'token-by-value',
    text: `with found as materialized (
        select one.* from unnest($2::bytea[]) as wanted (value)
         cross join lateral (${first('and t.collection_id = $1')} union all ${first('')} limit 1) one
      ) ${SELECT_TOKEN} join found on found.collection_id = t.collection_id and found.hash = t.hash and found.id = t.id`,
    values: [collection, values],
  });
  return rows.map(storedTokenOf);
}

/** The records that these owners have under these ids already, archived ones included. */
export async function findRecords(
  database: Database,
  collection: number,
  owners: readonly RecordOwner[],
): Promise<StoredToken[]> {
  if (owners.length === 0) return [];
  // Two halves, each of which an index answers: an id may have very many records.
  const rows = await database.run<TokenColumns>({
    name: 'token-by-owner',
    text: `with wanted as (
        select * from unnest($2::bytea[], $3::uuid[], $4::text[]) as w (hash, object_id, tenant)
      ), found as materialized (
        select t.hash, t.id from wanted w join token t on t.collection_id = $1 and t.hash = w.hash
           and t.tenant = w.tenant and t.object_id = w.object_id and t.value_hash is not null
        union all
        select t.hash, t.id from wanted w join token t on t.collection_id = $1 and t.hash = w.hash
           and t.tenant = w.tenant and t.object_id is null and t.value_hash is not null
         where w.object_id is null
      ) ${SELECT_TOKEN} join found on t.collection_id = $1 and found.hash = t.hash and found.id = t.id`,
    values: [
      collection,
      owners.map(({ hash }) => hash),
      owners.map(({ objectId }) => objectId),
      owners.map(({ tenant }) => tenant),
    ],
  });
  return rows.map(storedTokenOf);
}

/** Which of these hashes stand for a token of the collection. */
export async function findTaken(
  database: Database,
  collection: number,
  hashes: readonly Buffer[],
): Promise<Buffer[]> {
  const rows = await database.run<{ hash: Buffer }>({
    name: 'token-taken',
    text: 'select distinct hash from token where collection_id = $1 and hash = any($2)',
    values: [collection, hashes],
  });
  return rows.map(({ hash }) => hash);
}

/** For each value one active token of the collection that stands for it, of one of the tenants (null: of any). */
export async function findActiveByValue(
  database: Database,
  collection: number,
  values: readonly Buffer[],
  tenants: readonly string[] | null,
): Promise<StoredToken[]> {
  if (values.length === 0) return [];
  const rows = await database.run<TokenColumns>({
    name: 'token-active-by-value',
    text: `with found as materialized (
        select one.* from unnest($2::bytea[]) as wanted (value) cross join lateral (
          select t.hash, t.id from token t left join object o on o.collection_id = t.collection_id and o.id = t.object_id
           where t.value_hash = wanted.value and t.collection_id = $1 and ($3::text[] is null or t.tenant = any($3))
             and (t.expires_at is null or t.expires_at > now())
             and (t.object_id is null or (o.id is not null and (o.expires_at is null or o.expires_at > now())))
           order by t.created_at, t.id limit 1) one
      ) ${SELECT_TOKEN} join found on t.collection_id = $1 and found.hash = t.hash and found.id = t.id`,
    values: [collection, values, tenants],
  });
  return rows.map(storedTokenOf);
}
