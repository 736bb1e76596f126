import type { Database } from '../database.js';

/** The last position in the log, its projection and its free texts; -1 where there is none. */
export async function lastIndexes(
  database: Database,
): Promise<{ log: number; projection: number; text: number }> {
  const [row] = await database.run<{ log: string; projection: string; text: string }>({
    name: 'access-log-last',
    text: `select coalesce((select max(index) from access_log), -1) as log,
                  coalesce((select max(index) from access_log_projection), -1) as projection,
                  coalesce((select max(index) from access_log_text), -1) as text`,
    values: [],
  });
  return { log: Number(row!.log), projection: Number(row!.projection), text: Number(row!.text) };
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

/** Up to `limit` rows of the bare log from `from` on, in order. */
export async function readLog(
  database: Database,
  from: number,
  limit: number,
): Promise<{ index: number; bytes: Buffer; leaf: Buffer }[]> {
  const rows = await database.run<{ index: string; bytes: Buffer; leaf: Buffer }>({
    name: 'access-log-read',
    text: 'select index, bytes, leaf from access_log where index >= $1 order by index limit $2',
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
