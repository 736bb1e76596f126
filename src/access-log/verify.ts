import { type LogHead, readLogHead } from '../store/access-log/append.js';
import { type ProjectedEntry, projectedSize, readProjection } from '../store/access-log/projection.js';
import { lastIndexes, readLog, readLogTexts, type LogText } from '../store/access-log/read.js';
import type { Database } from '../store/database.js';
import { type Entry, TEXT_KINDS, decodeEntry, textHash } from './entry.js';
import { projectEntry } from './projector.js';
import { EMPTY_FRONTIER, type Frontier, appendLeaves, encodeFrontier, leafHash, rootOf } from './tree.js';

/** What a verification found: the tree as recomputed from the stored bytes, or the first position that is wrong. */
export type Verification =
  | { readonly ok: true; readonly size: number; readonly root: string }
  | { readonly ok: false; readonly index: number; readonly problem: string };

/** Rows read at a time: memory stays flat however long the log is. */
const CHUNK = 5_000;

/** The first wrong position, on its way out of the recomputation. */
class Wrong extends Error {
  readonly index: number;
  readonly problem: string;

  constructor(index: number, problem: string) {
    super(problem);
    this.index = index;
    this.problem = problem;
  }
}

/**
 * Recomputes the tree from the exact bytes of every entry and compares it with the stored leaves and head; recomputes every projected
 * column from the bytes; checks every free text against its salted hash. Works while the vault is running: it verifies the log as of its start.
 * Without a checkpoint from elsewhere it cannot see a log that was replaced as a whole.
 */
export async function verifyLog(
  database: Database,
  onProgress: (verified: number, size: number) => void = () => undefined,
): Promise<Verification> {
  try {
    // The last rows first, then the head: on a running vault the head can only have moved past them.
    const last = await lastIndexes(database);
    const head = await readLogHead(database);
    const projected = await projectedSize(database);
    if (last.log >= head.size) throw new Wrong(head.size, 'there is an entry behind the head');
    if (last.projection >= head.size)
      throw new Wrong(head.size, 'something is projected that is not in the log');
    if (last.text >= head.size) throw new Wrong(head.size, 'there is a free text behind the head');

    let frontier: Frontier = EMPTY_FRONTIER;
    while (frontier.size < head.size) {
      frontier = await verifyChunk(database, frontier, head, projected);
      onProgress(frontier.size, head.size);
    }
    if (!encodeFrontier(frontier).equals(head.frontier)) {
      throw new Wrong(Math.max(0, head.size - 1), 'the head is not the tree of the stored entries');
    }
    return { ok: true, size: head.size, root: rootOf(frontier).toString('hex') };
  } catch (error) {
    if (error instanceof Wrong) return { ok: false, index: error.index, problem: error.problem };
    throw error;
  }
}

async function verifyChunk(
  database: Database,
  frontier: Frontier,
  head: LogHead,
  projected: number,
): Promise<Frontier> {
  const from = frontier.size;
  const to = Math.min(from + CHUNK, head.size);
  const [rows, texts, projection] = await Promise.all([
    readLog(database, from, to - from),
    readLogTexts(database, from, to),
    readProjection(database, from, to - from),
  ]);
  const textsAt = groupTexts(texts);
  const projectionAt = new Map(projection.map((entry) => [entry.index, entry]));

  for (let index = from; index < to; index++) {
    const row = rows[index - from];
    if (row?.index !== index) throw new Wrong(index, 'the entry is missing');
    if (!leafHash(row.bytes).equals(row.leaf))
      throw new Wrong(index, 'the bytes do not have the stored leaf hash');
    verifyTexts(index, decoded(index, row.bytes), textsAt.get(index) ?? []);
    if (index < projected) verifyProjection(index, row.bytes, projectionAt.get(index));
    else if (projectionAt.has(index)) throw new Wrong(index, 'the projection is ahead of its head');
  }
  return appendLeaves(
    frontier,
    rows.map((row) => row.leaf),
  );
}

function decoded(index: number, bytes: Buffer): Entry {
  try {
    return decodeEntry(bytes);
  } catch {
    throw new Wrong(index, 'the bytes are no entry');
  }
}

function groupTexts(texts: readonly LogText[]): Map<number, LogText[]> {
  const groups = new Map<number, LogText[]>();
  for (const text of texts) groups.set(text.index, [...(groups.get(text.index) ?? []), text]);
  return groups;
}

function verifyTexts(index: number, entry: Entry, texts: readonly LogText[]): void {
  const hashes = { adhoc_reason: entry.adhoc_hash, custom_audit: entry.custom_hash };
  for (const kind of TEXT_KINDS) {
    const text = texts.find((each) => each.kind === kind);
    if (hashes[kind] !== (text && textHash(text.salt, text.text))) {
      throw new Wrong(index, `the ${kind} is not the one that was recorded`);
    }
  }
}

function verifyProjection(index: number, bytes: Buffer, stored: ProjectedEntry | undefined): void {
  const wanted = projectEntry(index, bytes);
  for (const column of Object.keys(wanted) as (keyof ProjectedEntry)[]) {
    if (JSON.stringify(wanted[column]) !== JSON.stringify(stored?.[column])) {
      throw new Wrong(index, `the projected ${column} is not what the entry says`);
    }
  }
}
