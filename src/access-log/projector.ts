import { readLogHead } from '../store/access-log/append.js';
import { addToProjection, projectedSize, type ProjectedEntry } from '../store/access-log/projection.js';
import { readLog } from '../store/access-log/read.js';
import type { Database } from '../store/database.js';
import { decodeEntry } from './entry.js';

/** Entries projected in one statement. */
const BATCH = 500;

/** The columns that an entry's bytes say it is searched by. */
export function projectEntry(index: number, bytes: Buffer): ProjectedEntry {
  const entry = decodeEntry(bytes);
  return {
    index,
    time: new Date(entry.time),
    requestId: entry.request_id,
    user: entry.user,
    operation: entry.operation,
    collection: entry.collection ?? null,
    objects: entry.objects ?? [],
    outcome: entry.outcome,
  };
}

/**
 * Brings the projection up to the head of the log as it is now. Several instances may do so at once: a batch is added by
 * whoever is first, and the others go on behind it.
 */
export async function catchUp(database: Database): Promise<void> {
  const { size } = await readLogHead(database);
  for (let from = await projectedSize(database); from < size; from = await projectedSize(database)) {
    const rows = await readLog(database, from, Math.min(BATCH, size - from));
    await addToProjection(
      database,
      from,
      rows.map((row) => projectEntry(row.index, row.bytes)),
    );
  }
}
