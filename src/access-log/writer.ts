import { VaultError } from '../errors.js';
import {
  type AppendedEntry,
  type LogHead,
  appendBehindLock,
  appendToLog,
  readLogHead,
} from '../store/access-log/append.js';
import { Batches } from '../store/batches.js';
import type { Database } from '../store/database.js';
import { type EntryDraft, encodeEntry } from './entry.js';
import { appendLeaves, decodeFrontier, encodeFrontier, leafHash } from './tree.js';

/** Entries in one statement; past it the rest waits for the next. */
const MOST_IN_A_BATCH = 500;
/** Entries waiting; past it the caller is told to come back, so that memory stays bounded while the database is slow. */
const MOST_WAITING = 10_000;
/** Times another instance may be first before this one makes the others wait: by luck alone one of several might never have its turn. */
const OPTIMISTIC_ATTEMPTS = 2;

/**
 * The one way into the access log. Entries that arrive while a batch is on its way make up the next one, so the cost of a durable
 * commit is shared by everybody waiting (architecture.md D8). The tree is carried forward from the cached head and the
 * database accepts a batch only behind exactly that head; where others keep being first, behind a lock on it.
 */
export class AccessLog {
  readonly #database: Database;
  readonly #batches = new Batches<AppendedEntry, number>((entries) => this.#write(entries), MOST_IN_A_BATCH);
  #head: LogHead | undefined;
  #growth = { entries: Infinity, since: 0, tell: (): void => undefined };

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Appends an entry and resolves with its index when it is durable. Throws PV9017 where it could not be made so: the
   * entry may be there all the same, which is allowed; that it is missing while something was shown is not.
   */
  async append(draft: EntryDraft): Promise<number> {
    if (this.#batches.waiting >= MOST_WAITING) throw new VaultError('PV9018');
    const { bytes, texts } = encodeEntry(draft);
    return this.#batches.add({ bytes, leaf: leafHash(bytes), texts });
  }

  /** Calls `tell` whenever this instance has seen the log grow by so many entries since the last time. */
  onGrowth(entries: number, tell: () => void): void {
    this.#growth = { entries, since: this.#head?.size ?? 0, tell };
  }

  /** Resolves when nothing is waiting any more. */
  async flush(): Promise<void> {
    await this.#batches.settled();
  }

  /** The index of each entry of a batch. */
  async #write(entries: readonly AppendedEntry[]): Promise<number[]> {
    try {
      const first = await this.#appendBatch(entries);
      this.#grown(first + entries.length);
      return entries.map((_, i) => first + i);
    } catch (error) {
      // Whether the batch was committed is unknown now: the next one starts from what the database says.
      this.#head = undefined;
      throw new VaultError('PV9017', {}, error instanceof Error ? error.message : undefined);
    }
  }

  #grown(size: number): void {
    if (size - this.#growth.since < this.#growth.entries) return;
    this.#growth.since = size;
    this.#growth.tell();
  }

  /** Index of the batch's first entry. */
  async #appendBatch(entries: readonly AppendedEntry[]): Promise<number> {
    for (let attempt = 0; attempt < OPTIMISTIC_ATTEMPTS; attempt++) {
      const head = (this.#head ??= await readLogHead(this.#database));
      const after = headBehind(head, entries);
      if (await appendToLog(this.#database, head, entries, after.frontier)) {
        this.#head = after;
        return head.size;
      }
      this.#head = undefined;
    }
    const head = await appendBehindLock(
      this.#database,
      entries,
      (found) => headBehind(found, entries).frontier,
    );
    this.#head = headBehind(head, entries);
    return head.size;
  }
}

/** The head after a batch. Throws a RangeError for a head that is none: the log must not go on behind it. */
function headBehind(head: LogHead, entries: readonly AppendedEntry[]): LogHead {
  const before = decodeFrontier(head.size, head.frontier);
  const after = appendLeaves(
    before,
    entries.map((entry) => entry.leaf),
  );
  return { size: after.size, frontier: encodeFrontier(after) };
}
