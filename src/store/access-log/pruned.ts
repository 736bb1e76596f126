import type { Database, Statement } from '../database.js';

/** Entries that lose their bytes in one transaction. */
export const PRUNED_AT_A_TIME = 1_000;

/** How many entries at the beginning of the log were given up for pruning: of those only the leaf hashes are left, or soon will be. */
export async function prunedSize(database: Database): Promise<number> {
  const [row] = await database.run<{ size: string }>({
    name: 'access-log-pruned',
    text: 'select coalesce(max(up_to), 0) as size from access_log_pruning',
    values: [],
  });
  return Number(row!.size);
}

/** The position of the first entry that is not older than `time`; null where all are. The projection must have reached the head. */
export async function firstNotBefore(database: Database, time: Date): Promise<number | null> {
  const [row] = await database.run<{ index: string }>({
    name: 'access-log-first-not-before',
    text: `select index from access_log_projection
            where time >= $1 and index >= (select min(first_index) from access_log_hour where hour > $1 - interval '1 hour')
            order by index limit 1`,
    values: [time],
  });
  return row ? Number(row.index) : null;
}

/** Sizes of checkpoints above `from` and up to `to`, the largest first. */
export async function checkpointSizes(database: Database, from: number, to: number): Promise<number[]> {
  const rows = await database.run<{ size: string }>({
    name: 'checkpoint-sizes',
    text: 'select size from access_log_checkpoint where size > $1 and size <= $2 order by size desc',
    values: [from, to],
  });
  return rows.map(({ size }) => Number(size));
}

/** Gives up the entries before `upTo`, which the entry at `entry` announces; the database refuses it where that one does not, or no checkpoint covers them. */
export async function announcePruning(database: Database, upTo: number, entry: number): Promise<void> {
  await database.run({
    name: 'access-log-pruning-add',
    text: 'insert into access_log_pruning (up_to, entry) values ($1, $2)',
    values: [upTo, entry],
  });
}

/** The first entry before `upTo` that still has its bytes; null where none has. `from` is where to look from. */
export async function firstToPrune(database: Database, from: number, upTo: number): Promise<number | null> {
  const [row] = await database.run<{ index: string }>({
    name: 'access-log-first-to-prune',
    text: `select index from access_log where index >= $1 and index < $2 and bytes is not null order by index limit 1`,
    values: [from, upTo],
  });
  return row ? Number(row.index) : null;
}

/** Takes their bytes, texts and projection from the entries from `from` up to, not including, `to`: run together, so that none is half gone. */
export function pruneEntries(from: number, to: number): Statement[] {
  const cut = '(($1::bigint + segment_size - 1) / segment_size)::int';
  const between = 'index >= $1 and index < $2';
  const statements = [
    ['access-log-prune', `update access_log set bytes = null where ${between} and bytes is not null`],
    ['access-log-prune-texts', `delete from access_log_text where ${between}`],
    ['access-log-prune-projection', `delete from access_log_projection where ${between}`],
  ] as const;
  return [
    // The head of the postings first, the postings last: whoever throws the projection away has them in this order, too. It is taken even where it stays as it is: the
    // projection must not begin anew at an entry that is about to go.
    {
      name: 'access-log-prune-posting-head',
      text: `update access_log_posting_head set first = greatest(first, ${cut}), next = greatest(next, ${cut}) where id = 1`,
      values: [to],
    },
    ...statements.map(([name, text]) => ({ name, text, values: [from, to] })),
    {
      name: 'access-log-prune-hours',
      text: 'delete from access_log_hour where last_index < $1',
      values: [to],
    },
    {
      name: 'access-log-prune-hour',
      text: `update access_log_hour h set first_index = (
               select p.index from access_log_projection p
                where p.index >= $1 and p.time >= h.hour and p.time < h.hour + interval '1 hour' order by p.index limit 1)
              where h.first_index < $1`,
      values: [to],
    },
    {
      name: 'access-log-prune-postings',
      text: 'delete from access_log_posting where segment < (select first from access_log_posting_head where id = 1)',
      values: [],
    },
  ];
}
