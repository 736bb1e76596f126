import type { Database } from '../database.js';
import { HASH_BYTES } from './append.js';

/** A node at `level` is the root of 16 ^ level leaves. Level 0 are the leaves themselves, in the log's own table. */
export const NODE_WIDTH = 16;
/** Of more leaves than a number can say there are no nodes. */
const HIGHEST_LEVEL = 13;

/** Nodes next to each other: `count` of them from `position` on. */
export interface NodeRun {
  readonly level: number;
  readonly position: number;
  readonly count: number;
}

/**
 * Hashes of the nodes of each run, in order. A run is shorter than asked for where nodes are missing. Two statements at most, of one row
 * for each run: rows of one hash each would take longer to read than to hash. Each run is a question of its own to the database: of a join
 * with a range it expects a ninth of the whole log, and reads all of it.
 */
export async function readNodes(database: Database, runs: readonly NodeRun[]): Promise<Buffer[][]> {
  const hashes: Buffer[][] = runs.map(() => []);
  const take = async (
    name: string,
    wanted: readonly number[],
    text: string,
    values: unknown[],
  ): Promise<void> => {
    if (wanted.length === 0) return;
    const rows = await database.run<{ nth: string; run: Buffer | null }>({ name, text, values });
    for (const { nth, run } of rows) hashes[wanted[Number(nth) - 1]!] = run === null ? [] : split(run);
  };
  const indexes = runs.map((_, i) => i);
  const leaves = indexes.filter((i) => runs[i]!.level === 0);
  const inner = indexes.filter((i) => runs[i]!.level > 0);
  const first = (list: readonly number[]): number[] => list.map((i) => runs[i]!.position);
  const behind = (list: readonly number[]): number[] => list.map((i) => runs[i]!.position + runs[i]!.count);
  await Promise.all([
    take(
      'access-log-leaves',
      leaves,
      `select run.nth, (select string_agg(log.leaf, ''::bytea order by log.index) from access_log log
                         where log.index >= run.first and log.index < run.behind) as run
         from unnest($1::bigint[], $2::bigint[]) with ordinality as run (first, behind, nth)`,
      [first(leaves), behind(leaves)],
    ),
    take(
      'access-log-nodes',
      inner,
      `select run.nth, (select string_agg(node.hash, ''::bytea order by node.position) from access_log_node node
                         where node.level = run.level and node.position >= run.first and node.position < run.behind) as run
         from unnest($1::smallint[], $2::bigint[], $3::bigint[]) with ordinality as run (level, first, behind, nth)`,
      [inner.map((i) => runs[i]!.level), first(inner), behind(inner)],
    ),
  ]);
  return hashes;
}

/** How many nodes of each level are stored; of level 0, none. */
export async function countNodes(database: Database): Promise<number[]> {
  const rows = await database.run<{ count: string }>({
    name: 'access-log-node-counts',
    // Each level is a question of its own: together they would be a walk along all nodes.
    text: `select coalesce((select max(position) + 1 from access_log_node where level = each), 0) as count
             from generate_series(0, $1::int) each order by each`,
    values: [HIGHEST_LEVEL],
  });
  return rows.map(({ count }) => Number(count));
}

/** Stores nodes of a level from `position` on. Several instances may do so at once: the hashes are the same. */
export async function addNodes(
  database: Database,
  level: number,
  position: number,
  hashes: readonly Buffer[],
): Promise<void> {
  await database.run({
    name: 'access-log-node-add',
    text: `insert into access_log_node (level, position, hash)
           select $1, $2 + node.nth - 1, node.hash from unnest($3::bytea[]) with ordinality as node (hash, nth)
           on conflict (level, position) do nothing`,
    values: [level, position, hashes],
  });
}

function split(run: Buffer): Buffer[] {
  const hashes: Buffer[] = [];
  for (let at = 0; at < run.length; at += HASH_BYTES) hashes.push(run.subarray(at, at + HASH_BYTES));
  return hashes;
}
