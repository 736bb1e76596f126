import type { Database, Run, Statement } from './database.js';
import { deletionOf } from './objects/delete-objects.js';
import { deleteTokens } from './tokens/change-tokens.js';

/** Whose garbage is looked for, and how long ago it must have been archived. */
export interface GarbagePlace {
  readonly collection: number;
  /** Null: of all tenants. */
  readonly tenants: readonly string[] | null;
  readonly retentionSeconds: number;
}

/** A token record, as the rows are found. */
export interface TokenPlace {
  readonly id: string;
  readonly hash: Buffer;
}

const LONG_AGO = `<= now() - $3::float8 * interval '1 second'`;
const OF_TENANTS = (row: string): string => `($2::text[] is null or ${row}.tenant = any($2))`;

const ARCHIVED_OBJECT = `o.collection_id = $1 and ${OF_TENANTS('o')} and o.expires_at ${LONG_AGO}`;

/** Without its key nothing of an object can be opened. A young one may be the trace of a restore that is still under way. */
const KEYLESS_OBJECT = `o.collection_id = $1 and ${OF_TENANTS('o')} and o.modified_at ${LONG_AGO}
  and not exists (select from keystore.object_key k where k.collection_id = o.collection_id and k.record_id = o.id)`;

/** Which objects are garbage: archived long enough, or never to be opened again. */
export type ObjectGarbage = 'archived' | 'keyless';
const OBJECTS: Record<ObjectGarbage, string> = { archived: ARCHIVED_OBJECT, keyless: KEYLESS_OBJECT };

/** Ids of objects that are garbage, at most `most`. */
export async function findObjectGarbage(
  database: Database,
  garbage: ObjectGarbage,
  place: GarbagePlace,
  most: number,
): Promise<string[]> {
  const rows = await database.run<{ id: string }>({
    name: `garbage-objects-${garbage}`,
    text: `select o.id from object o where ${OBJECTS[garbage]} order by o.expires_at limit $4`,
    values: [...valuesOf(place), most],
  });
  return rows.map(({ id }) => id);
}

/**
 * Removes those of the objects that still are garbage, with all that is theirs and what they own, and says how many. One that somebody is
 * changing just now is left to the next run: it may be coming back to life.
 */
export async function removeObjectGarbage(
  database: Database,
  garbage: ObjectGarbage,
  place: GarbagePlace,
  ids: readonly string[],
): Promise<number> {
  return database.transaction(async (run) => {
    const still = await run<{ id: string }>({
      name: `garbage-objects-lock-${garbage}`,
      text: `select o.id from object o where ${OBJECTS[garbage]} and o.id = any($4) for update skip locked`,
      values: [...valuesOf(place), ids],
    });
    const gone = still.map(({ id }) => id);
    for (const statement of deletionOf(place.collection, gone)) await run(statement);
    return gone.length;
  });
}

/** Its own expiry or that of the object it belongs to has passed long ago, or that object is gone. */
const ARCHIVED_TOKEN = `t.expires_at ${LONG_AGO}`;
const OWNER_ARCHIVED = `o.expires_at ${LONG_AGO}`;
const OWNERLESS_BY_FORCE = 't.object_id is not null and o.id is null';

/** Tokens that are garbage, at most `most`. */
export async function findTokenGarbage(
  database: Database,
  place: GarbagePlace,
  most: number,
): Promise<TokenPlace[]> {
  const ofCollection = `t.collection_id = $1 and ${OF_TENANTS('t')}`;
  const owner = 'object o on o.collection_id = t.collection_id and o.id = t.object_id';
  // Three questions, each with an index of its own, where one with "or" would read the whole table.
  return database.run<{ id: string; hash: Buffer }>({
    name: 'garbage-tokens',
    text: `select id, hash from (
        (select t.id, t.hash from token t where ${ofCollection} and ${ARCHIVED_TOKEN} limit $4)
        union
        (select t.id, t.hash from token t join ${owner} where ${ofCollection} and ${OWNER_ARCHIVED} limit $4)
        union
        (select t.id, t.hash from token t left join ${owner} where ${ofCollection} and ${OWNERLESS_BY_FORCE} limit $4)
      ) garbage limit $4`,
    values: [...valuesOf(place), most],
  });
}

/** Removes those of the tokens that still are garbage, with the keys of their own, and says how many. */
export async function removeTokenGarbage(
  database: Database,
  place: GarbagePlace,
  tokens: readonly TokenPlace[],
): Promise<number> {
  return database.transaction(async (run) => {
    const still = await run<{ id: string; hash: Buffer }>({
      name: 'garbage-tokens-lock',
      text: `select t.id, t.hash from unnest($4::uuid[], $5::bytea[]) as g (id, hash)
               join token t on t.collection_id = $1 and t.hash = g.hash and t.id = g.id
               left join object o on o.collection_id = t.collection_id and o.id = t.object_id
              where ${OF_TENANTS('t')} and (${ARCHIVED_TOKEN} or ${OWNER_ARCHIVED} or ${OWNERLESS_BY_FORCE})
                for update of t skip locked`,
      values: [...valuesOf(place), tokens.map(({ id }) => id), tokens.map(({ hash }) => hash)],
    });
    return (await run(deleteTokens(place.collection, still))).length;
  });
}

/** Keys of a collection whose object or token is not there: they open nothing. */
const LONE_KEY = `k.collection_id = $1
  and not exists (select from object o where o.collection_id = k.collection_id and o.id = k.record_id)
  and not exists (select from token t where t.collection_id = k.collection_id and t.id = k.record_id and t.object_id is null)`;

/** Record ids of keys that open nothing, at most `most`. */
export async function findLoneKeys(database: Database, collection: number, most: number): Promise<string[]> {
  const rows = await database.run<{ record: string }>({
    name: 'garbage-keys',
    text: `select k.record_id as record from keystore.object_key k where ${LONE_KEY} limit $2`,
    values: [collection, most],
  });
  return rows.map(({ record }) => record);
}

/** Removes those of the keys that still open nothing, and says how many. */
export async function removeLoneKeys(
  database: Database,
  collection: number,
  records: readonly string[],
): Promise<number> {
  const rows = await database.run({
    name: 'garbage-keys-remove',
    text: `delete from keystore.object_key k where ${LONE_KEY} and k.record_id = any($2) returning k.record_id`,
    values: [collection, records],
  });
  return rows.length;
}

/**
 * Ids that once were a collection's. A statement that sees a row of a collection sees the collection too, if it still is there, because that
 * was committed first: asked in the statement that deletes, the answer cannot be out of date.
 */
const DEAD = `dead as materialized (
    select d.id from generate_series(1, (select last_value from collection_id_seq)::int) as d (id)
     where not exists (select from collection c where c.id = d.id)
  )`;
const LEFT_BEHIND = [
  'object',
  'token',
  'transaction_record',
  'blind_index',
  'substring_index',
  'keystore.object_key',
  'keystore.keyset_version',
] as const;

/** How many rows deleted collections left behind, because something was added while they were being deleted; counted up to `most`. */
export async function countLeftBehind(database: Database, most: number): Promise<number> {
  const counts = LEFT_BEHIND.map(
    (table) =>
      `(select count(*) from (select from ${table} r join dead on dead.id = r.collection_id limit $1) n)`,
  );
  const [row] = await database.run<{ count: string }>({
    name: 'garbage-left-behind',
    text: `with ${DEAD} select ${counts.join(' + ')} as count`,
    values: [most],
  });
  return Math.min(Number(row!.count), most);
}

/** Removes at most `most` of them, keysets last, and says how many. */
export async function removeLeftBehind(database: Database, most: number): Promise<number> {
  return database.transaction(async (run) => {
    let count = 0;
    for (const table of LEFT_BEHIND) count += await removeFrom(run, table, most - count);
    return count;
  });
}

async function removeFrom(run: Run, table: string, most: number): Promise<number> {
  const statement: Statement = {
    name: `garbage-left-behind-${table}`,
    text: `with ${DEAD} delete from ${table} where ctid = any(array(
             select r.ctid from ${table} r join dead on dead.id = r.collection_id limit $1)) returning 1 as gone`,
    values: [most],
  };
  return (await run(statement)).length;
}

function valuesOf({ collection, tenants, retentionSeconds }: GarbagePlace): unknown[] {
  return [collection, tenants, retentionSeconds];
}
