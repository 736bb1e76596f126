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

const BY_HASH = new SharedLookup<Buffer, StoredToken>(
  async (database, collection, lifecycle, hashes) => {
    const rows = await database.run<TokenColumns>({
      name: `token-by-hash-${lifecycle}`,
      text: `${SELECT_TOKEN} where t.collection_id = $1 and t.hash = any($2) and ${IN_LIFECYCLE[lifecycle]}`,
      values: [collection, hashes],
    });
    return rows.map(storedTokenOf);
  },
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
