import { VaultError } from '../errors.js';
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
 * whoever is first, and the others go on behind it. Throws PV9010 where entries are missing or no entries.
 */
export async function catchUp(database: Database): Promise<void> {
  const { size } = await readLogHead(database);
  for (let from = await projectedSize(database); from < size; from = await projectedSize(database)) {
    const rows = await readLog(database, from, Math.min(BATCH, size - from));
    // Without this a log cut off behind its head's back would be asked for its missing entries for ever.
    if (rows.length === 0 || rows.some((row, i) => row.index !== from + i)) throw damaged(from);
    await addToProjection(database, from, rows.map(projected));
  }
}

function projected({ index, bytes }: { index: number; bytes: Buffer }): ProjectedEntry {
  try {
    return projectEntry(index, bytes);
  } catch {
    throw damaged(index);
  }
}

function damaged(index: number): VaultError {
  return new VaultError('PV9010', {}, `the access log is damaged at or behind index ${index}`);
}
