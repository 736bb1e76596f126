import type { Database } from '../database.js';
import { IN_LIFECYCLE as OBJECT_IN_LIFECYCLE, type Lifecycle } from '../objects/object-row.js';
import { SharedLookup } from '../shared-lookup.js';
import { SELECT_TOKEN, type StoredToken, type TokenColumns, storedTokenOf } from './token-row.js';

/** Which tokens a request is about: the kinds that are given must all be met (api.md 7.2). */
export interface TokenSelection {
  readonly hashes: readonly Buffer[] | null;
  readonly objectIds: readonly string[] | null;
  readonly tags: readonly Buffer[] | null;
}

/** A token is active while it, the object it belongs to and that object's owner are. One whose object is gone is neither active nor archived. */
const IN_LIFECYCLE: Record<Lifecycle, string> = {
  active: `(t.expires_at is null or t.expires_at > now())
    and (t.object_id is null or (o.id is not null and ${OBJECT_IN_LIFECYCLE.active}))`,
  archived: `(t.expires_at <= now() or ${OBJECT_IN_LIFECYCLE.archived})`,
};

/** The condition of a page: collection, types, hash, id and tenants (null: all). The empty hash stands before all others. */
const BEHIND = `t.collection_id = $1 and t.type = any($2) and ${IN_LIFECYCLE.active}
  and (t.hash, t.id) > (coalesce($3::bytea, ''), coalesce($4::uuid, '00000000-0000-0000-0000-000000000000'))
  and ($5::text[] is null or t.tenant = any($5))`;

/**
 * The hashes that are looked for, in a subquery: of an array that is a parameter PostgreSQL counts the elements, finds that few of them cost less than the ten it
 * assumes of any, and plans the statement anew each time, which costs several times what running it does (docs/adr/0057).
 */
const WANTED = '(select $2::bytea[])::bytea[]';

const BY_HASH = new SharedLookup<Buffer, StoredToken>(
  async (database, collection, lifecycle, hashes) => {
    const rows = await database.run<TokenColumns>({
      name: `token-by-hash-${lifecycle}`,
      text: `${SELECT_TOKEN} where t.collection_id = $1 and t.hash = any(${WANTED}) and ${IN_LIFECYCLE[lifecycle]}`,
      values: [collection, hashes],
    });
    return rows.map(storedTokenOf);
  },
  ({ hash }) => hash,
  (hash) => hash.toString('latin1'),
);

const ONE_BY_HASH = new SharedLookup<Buffer, StoredToken>(
  (database, collection, lifecycle, hashes) => oneOfEach(database, collection, lifecycle, hashes, null),
  ({ hash }) => hash,
  (hash) => hash.toString('latin1'),
);

/** At most `limit` tokens of a collection, in no particular order. */
export async function findTokens(
  database: Database,
  collection: number,
  selection: TokenSelection,
  lifecycle: Lifecycle,
  limit: number,
): Promise<StoredToken[]> {
  if (selection.hashes && !selection.objectIds && !selection.tags) {
    return (await BY_HASH.find(database, collection, lifecycle, selection.hashes)).slice(0, limit);
  }
  const values: unknown[] = [collection, limit];
  const parts = [`t.collection_id = $1 and ${IN_LIFECYCLE[lifecycle]}`];
  if (selection.hashes) parts.push(`t.hash = any($${values.push(selection.hashes)})`);
  if (selection.objectIds) parts.push(`t.object_id = any($${values.push(selection.objectIds)})`);
  // The second half lets the planner use the index that holds only tokens with tags.
  if (selection.tags) parts.push(`t.tags @> $${values.push(selection.tags)}::bytea[] and t.tags <> '{}'`);

  const shape = `${selection.hashes ? 'h' : ''}${selection.objectIds ? 'o' : ''}${selection.tags ? 't' : ''}`;
  const rows = await database.run<TokenColumns>({
    name: `token-find-${lifecycle}-${shape}`,
    text: `${SELECT_TOKEN} where ${parts.join(' and ')} limit $2`,
    values,
  });
  return rows.map(storedTokenOf);
}

/** One record of each id, however many it has: of one of the tenants where there is such a one (null: any). */
export function findOneOfEach(
  database: Database,
  collection: number,
  hashes: readonly Buffer[],
  lifecycle: Lifecycle,
  tenants: readonly string[] | null,
): Promise<StoredToken[]> {
  return tenants
    ? oneOfEach(database, collection, lifecycle, hashes, tenants)
    : ONE_BY_HASH.find(database, collection, lifecycle, hashes);
}

async function oneOfEach(
  database: Database,
  collection: number,
  lifecycle: Lifecycle,
  hashes: readonly Buffer[],
  tenants: readonly string[] | null,
): Promise<StoredToken[]> {
  const rows = await database.run<TokenColumns>({
    name: `token-one-by-hash-${lifecycle}${tenants ? '-tenants' : ''}`,
    text: `select one.* from unnest(${WANTED}) as wanted (hash) cross join lateral (
        ${SELECT_TOKEN} where t.collection_id = $1 and t.hash = wanted.hash and ${IN_LIFECYCLE[lifecycle]}
        order by ${tenants ? '(t.tenant = any($3)) desc, ' : ''}t.hash, t.id limit 1) one`,
    values: tenants ? [collection, hashes, tenants] : [collection, hashes],
  });
  return rows.map(storedTokenOf);
}

/** All records of these ids, active and archived, but at most `limit`. */
export async function findRecordsOf(
  database: Database,
  collection: number,
  hashes: readonly Buffer[],
  limit: number,
): Promise<StoredToken[]> {
  const rows = await database.run<TokenColumns>({
    name: 'token-records-of',
    text: `${SELECT_TOKEN} where t.collection_id = $1 and t.hash = any($2) and (t.object_id is null or o.id is not null) limit $3`,
    values: [collection, hashes, limit],
  });
  return rows.map(storedTokenOf);
}

/** Where a page of all tokens begins: behind this one. */
export interface TokenPosition {
  readonly hash: Buffer;
  readonly id: string;
}

/** Which tokens a page is taken from: the active ones of these types, and of one of the tenants (null: of any). */
export interface ListedTokens {
  readonly collection: number;
  readonly types: readonly string[];
  readonly tenants: readonly string[] | null;
}

/** A page of tokens in the order of the primary key. */
export async function pageOfTokens(
  database: Database,
  { collection, types, tenants }: ListedTokens,
  after: TokenPosition | null,
  limit: number,
): Promise<StoredToken[]> {
  const rows = await database.run<TokenColumns>({
    name: 'token-page',
    text: `${SELECT_TOKEN} where ${BEHIND} order by t.hash, t.id limit $6`,
    values: [collection, types, after?.hash ?? null, after?.id ?? null, tenants, limit],
  });
  return rows.map(storedTokenOf);
}

/** How many of them stand behind a position, counting no further than `most`. */
export async function countTokensBehind(
  database: Database,
  { collection, types, tenants }: ListedTokens,
  after: TokenPosition,
  most: number,
): Promise<number> {
  const rows = await database.run<{ count: string }>({
    name: 'token-count-behind',
    text: `select count(*) as count from (
      select from token t left join object o on o.collection_id = t.collection_id and o.id = t.object_id
       where ${BEHIND} limit $6) counted`,
    values: [collection, types, after.hash, after.id, tenants, most],
  });
  return Number(rows[0]!.count);
}

/** Active and archived tokens of a collection, each counted no further than `most`. */
export async function countTokens(
  database: Database,
  collection: number,
  most: number,
): Promise<{ active: number; archived: number }> {
  const counted = (lifecycle: Lifecycle): string => `(select count(*) from (
      select from token t left join object o on o.collection_id = t.collection_id and o.id = t.object_id
       where t.collection_id = $1 and ${IN_LIFECYCLE[lifecycle]} limit $2) ${lifecycle})`;
  const rows = await database.run<{ active: string; archived: string }>({
    name: 'token-count',
    text: `select ${counted('active')} as active, ${counted('archived')} as archived`,
    values: [collection, most],
  });
  return { active: Number(rows[0]!.active), archived: Number(rows[0]!.archived) };
}
