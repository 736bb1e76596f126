import { type LogHead, readLogHead } from '../store/access-log/append.js';
import { type ProjectedEntry, projectedSize, readProjection } from '../store/access-log/projection.js';
import { LOG_TABLES, type LogText, extentOf, readLogRows, readLogTexts } from '../store/access-log/read.js';
import type { Database } from '../store/database.js';
import { VaultError } from '../errors.js';
import { type Entry, decodeEntry } from './entry.js';
import { projectEntry } from './projector.js';
import type { LeafRange } from './subtrees.js';
import { EMPTY_FRONTIER, type Frontier, HASH_BYTES, encodeFrontier, leafHash, rootOf } from './tree.js';
import { HourVerifier } from './verify-hours.js';
import { PostingVerifier } from './verify-postings.js';
import { PrunedVerifier } from './verify-pruned.js';
import { type KnownOfLog, NOTHING_KNOWN, SignedTreeVerifier } from './verify-signed.js';
import { TextVerifier } from './verify-texts.js';
import { Wrong } from './wrong.js';

/** What a verification found: the tree as recomputed from the stored bytes, or the first position that is wrong. */
export type Verification =
  | {
      readonly ok: true;
      readonly size: number;
      readonly root: string;
      /** Entries at the beginning that were pruned, where there are any. */
      readonly pruned?: number;
    }
  | { readonly ok: false; readonly index: number; readonly problem: string };

/** How a verification goes about it. */
export interface VerifyOptions {
  /** Told after every step how far it is; where it takes its time, so does the verification, and what it throws ends it. */
  readonly onProgress?: (verified: number, size: number) => void | Promise<void>;
  /** Keys and checkpoints kept since before. */
  readonly known?: KnownOfLog;
  /** Steps of a few milliseconds, for a process that others wait for. */
  readonly inSmallSteps?: boolean;
}

/** Times that the verification follows a running vault's log for the sake of texts that were erased meanwhile; then once more, for their erasures alone. */
const MOST_ROUNDS = 10;

/** Rows read at a time: memory stays flat however long the log is. */
const STEP = 5_120;
const SMALL_STEP = 256;

/**
 * Recomputes the tree from the exact bytes of every entry and compares it with the stored leaves and head; recomputes every projected
 * column and all postings from the bytes; checks every free text against its salted hash, and that one is missing only where a later entry says that it was erased. Works while the vault is running: it verifies the log as of its start.
 * With keys and checkpoints `known` from elsewhere it also finds a log that was replaced as a whole; without, only as far as the database's own
 * keys are genuine.
 */
export async function verifyLog(
  database: Database,
  { onProgress, known = NOTHING_KNOWN, inSmallSteps = false }: VerifyOptions = {},
): Promise<Verification> {
  const step = inSmallSteps ? SMALL_STEP : STEP;
  try {
    // The head last: on a running vault it can only have moved on meanwhile.
    const projected = await projectedSize(database);
    const extents = await Promise.all(LOG_TABLES.map((table) => extentOf(database, table)));
    const head = await readLogHead(database);
    if (projected > head.size) throw new Wrong(head.size, 'the projection says that it is ahead of the log');
    extents.forEach(({ first, last }, i) => {
      const behind = `there is a row of ${LOG_TABLES[i]!}`;
      if (first < 0) throw new Wrong(first, `${behind} before the first entry`);
      if (last >= head.size) throw new Wrong(head.size, `${behind} behind the head`);
    });

    const signed = await SignedTreeVerifier.open(database, head.size, known);
    const checks = {
      texts: new TextVerifier(),
      hours: new HourVerifier(),
      postings: await PostingVerifier.open(database),
      pruned: new PrunedVerifier(database),
    };
    let frontier: Frontier = EMPTY_FRONTIER;
    let reached = head;
    for (let round = 0; ; round++) {
      const begun = frontier.size;
      while (frontier.size < reached.size) {
        const [from, until] = [frontier.size, reached];
        const chunk = await checks.pruned.settled(from, () =>
          verifyChunk(database, { from, to: Math.min(from + step, until.size) }, projected, checks.pruned),
        );
        for (const { index, entry, texts } of chunk.entries) {
          if (round > MOST_ROUNDS) checks.texts.takeErasure(index, entry);
          else checks.texts.take(index, entry, texts);
        }
        const settled = chunk.projection.filter(({ index }) => index < projected);
        checks.hours.take(settled);
        await checks.postings.take(settled);
        frontier = await signed.take(frontier, chunk.leaves);
        await onProgress?.(frontier.size, reached.size);
      }
      verifyHead(frontier, reached);
      // What was missing in the rounds before has been erased by an entry in this one, or not at all.
      checks.texts.settle(begun);
      if (!checks.texts.open || round > MOST_ROUNDS) break;
      const now = await readLogHead(database);
      if (now.size <= reached.size) {
        checks.texts.settle(reached.size);
        break;
      }
      reached = now;
    }
    checks.pruned.settle();
    await checks.hours.settle(database, projected);
    await checks.postings.settle(checks.pruned.size);
    return {
      ok: true,
      size: reached.size,
      root: rootOf(frontier).toString('hex'),
      ...(checks.pruned.size > 0 && { pruned: checks.pruned.size }),
    };
  } catch (error) {
    if (error instanceof Wrong) return { ok: false, index: error.index, problem: error.problem };
    if (error instanceof VaultError && error.code === 'PV9010')
      return { ok: false, index: 0, problem: error.detail ?? error.message };
    throw error;
  }
}

/** Rows that were found right by themselves; what they say of each other is still to be checked. */
interface Chunk {
  readonly leaves: Buffer[];
  readonly entries: readonly { index: number; entry: Entry; texts: LogText[] }[];
  readonly projection: readonly ProjectedEntry[];
}

/** Verifies the rows from `from` up to, not including, `to`. */
async function verifyChunk(
  database: Database,
  { from, to }: LeafRange,
  projected: number,
  pruned: PrunedVerifier,
): Promise<Chunk> {
  const [rows, texts, projection] = await Promise.all([
    readLogRows(database, from, to - from),
    readLogTexts(database, from, to),
    readProjection(database, from, to),
  ]);
  const entries: Chunk['entries'][number][] = [];
  const textsAt = groupTexts(texts);
  const projectionAt = new Map(projection.map((entry) => [entry.index, entry]));

  for (let index = from; index < to; index++) {
    const row = rows[index - from];
    if (row?.index !== index) throw new Wrong(index, 'the entry is missing');
    if (row.bytes === null) {
      pruned.takePruned(row, textsAt.has(index) || projectionAt.has(index));
      continue;
    }
    if (!leafHash(row.bytes).equals(row.leaf))
      throw new Wrong(index, 'the bytes do not have the stored leaf hash');
    const entry = decoded(index, row.bytes);
    pruned.take(index, entry);
    entries.push({ index, entry, texts: textsAt.get(index) ?? [] });
    if (index < projected) verifyProjection(index, row.bytes, projectionAt.get(index));
    else if (projectionAt.has(index))
      await verifyNewlyProjected(database, index, row.bytes, projectionAt.get(index));
  }
  return { leaves: rows.map((row) => row.leaf), entries, projection };
}

/**
 * Holds the stored head against the recomputed tree. Where bytes and leaf hash were replaced together only the roots of the complete
 * subtrees tell, so the first position of the first subtree that differs is named.
 */
function verifyHead(frontier: Frontier, head: LogHead): void {
  const computed = encodeFrontier(frontier);
  if (computed.length !== head.frontier.length)
    throw new Wrong(Math.max(0, head.size - 1), 'the head is not the tree of the stored entries');

  let from = 0;
  for (let at = 0; at < computed.length; at += HASH_BYTES) {
    const size = largestPowerOfTwo(head.size - from);
    if (!computed.subarray(at, at + HASH_BYTES).equals(head.frontier.subarray(at, at + HASH_BYTES))) {
      throw new Wrong(
        from,
        `the head is not the tree of the stored entries; the difference is in ${from} to ${from + size - 1}`,
      );
    }
    from += size;
  }
}

/** The largest power of two that is at most `n`. */
function largestPowerOfTwo(n: number): number {
  let power = 1;
  while (power * 2 <= n) power *= 2;
  return power;
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

/** An entry that was projected while the verification was running; the projection's head must have moved past it. */
async function verifyNewlyProjected(
  database: Database,
  index: number,
  bytes: Buffer,
  stored: ProjectedEntry | undefined,
): Promise<void> {
  if ((await projectedSize(database)) <= index) throw new Wrong(index, 'the projection is ahead of its head');
  verifyProjection(index, bytes, stored);
}

function verifyProjection(index: number, bytes: Buffer, stored: ProjectedEntry | undefined): void {
  const wanted = projectEntry(index, bytes);
  for (const column of Object.keys(wanted) as (keyof ProjectedEntry)[]) {
    if (JSON.stringify(wanted[column]) !== JSON.stringify(stored?.[column])) {
      throw new Wrong(index, `the projected ${column} is not what the entry says`);
    }
  }
}
