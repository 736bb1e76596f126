import type { Database } from '../database.js';
import { IN_LIFECYCLE } from './object-row.js';

/** Active and archived objects of a collection, each counted no further than `most`. */
export async function countObjectLifecycles(
  database: Database,
  collection: number,
  most: number,
): Promise<{ active: number; archived: number }> {
  const rows = await database.run<{ active: string; archived: string }>({
    name: 'object-lifecycles',
    text: `select
        (select count(*) from (select from object o where o.collection_id = $1 and ${IN_LIFECYCLE.active} limit $2) a) as active,
        (select count(*) from (select from object o where o.collection_id = $1 and ${IN_LIFECYCLE.archived} limit $2) b) as archived`,
    values: [collection, most],
  });
  return { active: Number(rows[0]!.active), archived: Number(rows[0]!.archived) };
}
