import { VaultError } from '../errors.js';
import { readLogHead } from '../store/access-log/append.js';
import { postNextSegment } from '../store/access-log/build-postings.js';
import {
  type ProjectedEntry,
  addToProjection,
  analyseProjection,
  clearProjection,
  projectedSize,
} from '../store/access-log/projection.js';
import { projectEntries } from '../store/access-log/project-entries.js';
import { readLog } from '../store/access-log/read.js';
import type { Database } from '../store/database.js';
import { type Entry, decodeEntry } from './entry.js';

/** Entries projected in one statement: some 50 ms, which is what another who projects waits for; fewer cost the database a fifth more each. */
const BATCH = 1_000;
/** Where they come to the vault they are few enough that the event loop does not wait for them. */
const BATCH_HERE = 200;
/** A query does not wait longer for a projection that is being filled anew. */
const LONGEST_WAIT_MS = 25_000;
/** So many entries at once leave the planner's statistics behind. */
const MANY = 10_000;

/** The columns that an entry's bytes say it is searched by. */
export function projectEntry(index: number, bytes: Buffer): ProjectedEntry {
  const entry = decodeEntry(bytes);
  return {
    index,
    time: new Date(entry.time),
    requestId: entry.request_id,
    callerRequestId: entry.caller_request_id ?? null,
    user: entry.user,
    role: entry.role,
    keyId: entry.key_id ?? null,
    subject: entry.subject ?? null,
    tenants: entry.tenants ?? [],
    operation: entry.operation,
    collection: entry.collection ?? null,
    objects: entry.objects ?? [],
    tokens: entry.tokens ?? [],
    properties: propertiesOf(entry),
    reason: entry.reason ?? null,
    outcome: entry.outcome,
    rules: entry.rule === undefined ? [] : entry.rule.split(' '),
    remoteAddr: entry.remote_addr ?? null,
    shown: (entry.outcome === 'allowed' || entry.outcome === 'masked') && (entry.revealed ?? []).length > 0,
  };
}

/** What was asked for or shown, so that it is found by the property, by the transformation and by both. */
function propertiesOf({ asked = [], revealed = [] }: Entry): string[] {
  const terms = [...asked, ...revealed].flatMap(([property, transformation]) =>
    transformation === null ? [property] : [property, `${property}.${transformation}`, `.${transformation}`],
  );
  return [...new Set(terms)];
}

/**
 * Brings the projection up to the head of the log as it is now. Several instances may do so at once: a batch is added by
 * whoever is first, and the others go on behind it. Throws PV9010 where entries are missing or no entries.
 */
export async function catchUp(database: Database): Promise<void> {
  await catchUpTo(database, (await readLogHead(database)).size, Infinity);
}

/**
 * Runs a query on a projection that has reached the head of the log as of now: `query` is given that size and answers null where the
 * projection is not there (any more), because it is being filled anew. Throws PV1009 where that takes too long, and PV9010 as {@link catchUp} does.
 */
export async function onProjection<Answer>(
  database: Database,
  query: (size: number) => Promise<Answer | null>,
): Promise<Answer> {
  const { size } = await readLogHead(database);
  const deadline = performance.now() + LONGEST_WAIT_MS;
  for (;;) {
    await catchUpTo(database, size, deadline);
    const answer = await query(size);
    if (answer !== null) return answer;
  }
}

/**
 * Makes the postings of segments that are complete in the projection and have none, at most so many. Nobody waits for them: until then these segments are searched
 * as they are.
 */
export async function postSegments(database: Database, atMost = Infinity): Promise<void> {
  for (let made = 0; made < atMost && (await postNextSegment(database));) made++;
}

/** Fills the projection anew from the log, and its postings. May be done while vaults are running: what they are asked meanwhile waits. */
export async function rebuildProjection(database: Database): Promise<void> {
  await clearProjection(database);
  await catchUp(database);
  await postSegments(database);
}

async function catchUpTo(database: Database, size: number, deadline: number): Promise<void> {
  const start = await projectedSize(database);
  for (let from = start; from < size;) {
    if (performance.now() > deadline) {
      throw new VaultError('PV1009', {}, `the access log's projection is at ${from} of ${size}`);
    }
    from = await projectBatch(database, from, Math.min(BATCH, size - from));
  }
  if (size - start >= MANY) await analyseProjection(database);
}

/** Projects the next entries, or finds that somebody else did; how far the projection reaches then. */
async function projectBatch(database: Database, from: number, count: number): Promise<number> {
  if (await projectedByDatabase(database, from, count)) return from + count;
  const reached = await projectedSize(database);
  return reached === from ? projectHere(database, from, Math.min(count, BATCH_HERE)) : reached;
}

/** False also where it cannot read an entry: which one that is, {@link projectHere} finds out. */
async function projectedByDatabase(database: Database, from: number, count: number): Promise<boolean> {
  try {
    return await projectEntries(database, from, count);
  } catch (error) {
    if (error instanceof VaultError && error.code === 'PV1000') return false;
    throw error;
  }
}

/** Throws PV9010 at the first entry that is missing or none. */
async function projectHere(database: Database, from: number, count: number): Promise<number> {
  const rows = await readLog(database, from, count);
  // Without this a log cut off behind its head's back would be asked for its missing entries for ever.
  if (rows.length === 0 || rows.some((row, i) => row.index !== from + i)) throw damaged(from);
  const added = await addToProjection(database, from, rows.map(projected));
  return added ? from + rows.length : projectedSize(database);
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
