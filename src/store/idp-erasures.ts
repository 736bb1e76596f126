import type { Database, Statement } from './database.js';
import { IN_LIFECYCLE } from './objects/object-row.js';

/** How many subjects of an issuer were erased since a moment, and how many objects of its subjects were given up for another's. */
export async function countErasures(
  database: Database,
  issuerHashes: readonly Buffer[],
  since: Date,
): Promise<number> {
  const rows = await database.run<{ count: string }>({
    name: 'idp-subject-erasures',
    // What a user is in organizations goes with the user, and is not counted beside them.
    text: `select (select count(*) from idp_subject where issuer_hash = any($1) and erased_at > $2 and user_hash is null)
                + (select count(*) from idp_merged_object where issuer_hash = any($1) and merged_at > $2) as count`,
    values: [issuerHashes, since],
  });
  return Number(rows[0]!.count);
}

/** Objects of erased subjects, and such as went into another's, whose grace is over and that nobody has brought back meanwhile. */
export async function findDueErasures(
  database: Database,
  now: Date,
  most: number,
): Promise<{ collection: number; objectId: string }[]> {
  return database.run({
    name: 'idp-subject-due',
    text: `select d.collection_id as collection, d.object_id as "objectId" from (
              select collection_id, object_id, delete_at from idp_subject where delete_at <= $1
              union all select collection_id, object_id, delete_at from idp_merged_object where delete_at <= $1) d
            where not exists (
              select from object o where o.collection_id = d.collection_id and o.id = d.object_id and ${IN_LIFECYCLE.active})
            order by d.delete_at limit $2`,
    values: [now, most],
  });
}

/** Says that nothing of erased subjects is left but their tombstones, and nothing of objects that went into another's. */
export function settleErasures(collection: number, objectIds: readonly string[]): Statement {
  return {
    name: 'idp-subject-settle',
    text: `with merged as (delete from idp_merged_object where collection_id = $1 and object_id = any($2))
           update idp_subject set delete_at = null where collection_id = $1 and object_id = any($2) and erased_at is not null`,
    values: [collection, objectIds],
  };
}
