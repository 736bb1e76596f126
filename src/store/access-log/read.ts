import type { Database } from '../database.js';

/** The tables of the log that have a row for a position. */
export const LOG_TABLES = ['access_log', 'access_log_projection', 'access_log_text'] as const;
export type LogTable = (typeof LOG_TABLES)[number];

/** The first and the last position in a table of the log; 0 and -1 where it is empty. */
export async function extentOf(
  database: Database,
  table: LogTable,
): Promise<{ first: number; last: number }> {
  const [row] = await database.run<{ first: string; last: string }>({
    name: `extent-${table}`,
    text: `select coalesce(min(index), 0) as first, coalesce(max(index), -1) as last from ${table}`,
    values: [],
  });
  return { first: Number(row!.first), last: Number(row!.last) };
}

/** One row of the log, free texts included where they were not erased. */
export interface LogRow {
  readonly index: number;
  readonly bytes: Buffer;
  readonly leaf: Buffer;
  readonly adhocReason: string | null;
  readonly customAudit: string | null;
}

/** A free text as it stands beside the log. */
export interface LogText {
  readonly index: number;
  readonly kind: string;
  readonly salt: Buffer;
  readonly text: string;
}

/** A row of the bare log. Of an entry that was pruned only the leaf hash is left. */
export interface BareRow {
  readonly index: number;
  readonly bytes: Buffer | null;
  readonly leaf: Buffer;
}

/** Up to `limit` rows of the bare log from `from` on, in order, those that were pruned included. */
export async function readLogRows(database: Database, from: number, limit: number): Promise<BareRow[]> {
  const rows = await database.run<{ index: string; bytes: Buffer | null; leaf: Buffer }>({
    name: 'access-log-rows',
    text: 'select index, bytes, leaf from access_log where index >= $1 order by index limit $2',
    values: [from, limit],
  });
  return rows.map((row) => ({ ...row, index: Number(row.index) }));
}

/** Up to `limit` entries of the log from `from` on, in order; those that were pruned are not among them. */
export async function readLog(
  database: Database,
  from: number,
  limit: number,
): Promise<{ index: number; bytes: Buffer; leaf: Buffer }[]> {
  const rows = await database.run<{ index: string; bytes: Buffer; leaf: Buffer }>({
    name: 'access-log-read',
    text: 'select index, bytes, leaf from access_log where index >= $1 and bytes is not null order by index limit $2',
    values: [from, limit],
  });
  return rows.map((row) => ({ ...row, index: Number(row.index) }));
}

/** The free texts of the entries from `from` up to, not including, `to`. */
export async function readLogTexts(database: Database, from: number, to: number): Promise<LogText[]> {
  const rows = await database.run<{ index: string; kind: string; salt: Buffer; text: string }>({
    name: 'access-log-texts',
    text: 'select index, kind, salt, text from access_log_text where index >= $1 and index < $2 order by index',
    values: [from, to],
  });
  return rows.map((row) => ({ ...row, index: Number(row.index) }));
}
