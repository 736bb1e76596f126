import type { Database } from '../database.js';

/** How many entries at the beginning of the log were pruned: of those only the leaf hashes are left. */
export async function prunedSize(database: Database): Promise<number> {
  const [row] = await database.run<{ size: string | null }>({
    name: 'access-log-pruned',
    text: `select (select index from access_log where bytes is not null order by index limit 1) as size`,
    values: [],
  });
  return Number(row!.size ?? 0);
}
