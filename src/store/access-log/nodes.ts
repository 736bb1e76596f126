import type { Database } from '../database.js';
import { HASH_BYTES } from './append.js';

/** A node at `level` is the root of 16 ^ level leaves. Level 0 are the leaves themselves, in the log's own table. */
export const NODE_WIDTH = 16;
/** Of more leaves than a number can say there are no nodes. */
const HIGHEST_LEVEL = 13;
/** What a level is stored as is so much more. Below are the nodes of 256 that an instance of the version before makes and reads, for as long as one runs beside this. */
const STORED_ABOVE = 16;

/** Nodes next to each other: `count` of them from `position` on. */
export interface NodeRun {
  readonly level: number;
  readonly position: number;
  readonly count: number;
}

/**
 * Hashes of the nodes of each run, in order. A run is shorter than asked for where nodes are missing. One row for each run: rows of one hash each would take longer to read
 * than to hash. Each run is a question of its own to the database: of a join with a range it expects a ninth of the whole log, and reads all of it.
 */
export async function readNodes(database: Database, runs: readonly NodeRun[]): Promise<Buffer[][]> {
  if (runs.length === 0) return [];
  const rows = await database.run<{ run: Buffer | null }>({
    name: 'access-log-nodes',
    text: `select case
             when run.level = 0 then (select string_agg(log.leaf, ''::bytea order by log.index) from access_log log
                                       where log.index >= run.first and log.index < run.behind)
             else (select string_agg(node.hash, ''::bytea order by node.position) from access_log_node node
                    where node.level = run.level and node.position >= run.first and node.position < run.behind)
           end as run
             from unnest($1::smallint[], $2::bigint[], $3::bigint[]) with ordinality as run (level, first, behind, nth) order by run.nth`,
    values: [
      runs.map(({ level }) => (level === 0 ? 0 : level + STORED_ABOVE)),
      runs.map(({ position }) => position),
      runs.map(({ position, count }) => position + count),
    ],
  });
  return rows.map(({ run }) => (run === null ? [] : split(run)));
}

/** How many nodes of each level are stored; of level 0, none. */
export async function countNodes(database: Database): Promise<number[]> {
  const rows = await database.run<{ count: string }>({
    name: 'access-log-node-counts',
    // Each level is a question of its own: together they would be a walk along all nodes.
    text: `select coalesce((select max(position) + 1 from access_log_node where level = each + $2::int), 0) as count
             from generate_series(0, $1::int) each order by each`,
    values: [HIGHEST_LEVEL, STORED_ABOVE],
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
    values: [level + STORED_ABOVE, position, hashes],
  });
}

function split(run: Buffer): Buffer[] {
  const hashes: Buffer[] = [];
  for (let at = 0; at < run.length; at += HASH_BYTES) hashes.push(run.subarray(at, at + HASH_BYTES));
  return hashes;
}
