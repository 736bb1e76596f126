import { VaultError } from '../errors.js';
import { type AppendedEntry, appendToLog } from '../store/access-log/append.js';
import { Batches } from '../store/batches.js';
import type { Database } from '../store/database.js';
import { type EntryDraft, encodeEntry } from './entry.js';
import { leafHash } from './tree.js';

/** Entries in one statement; past it the rest waits for the next. */
const MOST_IN_A_BATCH = 500;
/** Entries waiting; past it the caller is told to come back, so that memory stays bounded while the database is slow. */
const MOST_WAITING = 10_000;

/**
 * The one way into the access log. Entries that arrive while a batch is on its way make up the next one, so the cost of a durable
 * commit is shared by everybody waiting (architecture.md D8). The tree is carried forward in the database, by the statement that appends: nobody
 * has to know beforehand where the log ends (docs/adr/0055).
 */
export class AccessLog {
  readonly #database: Database;
  readonly #batches = new Batches<AppendedEntry, number>((entries) => this.#write(entries), MOST_IN_A_BATCH);
  /** Of the log, as far as this instance has seen. */
  #size = 0;
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
    this.#growth = { entries, since: this.#size, tell };
  }

  /** Resolves when nothing is waiting any more. */
  async flush(): Promise<void> {
    await this.#batches.settled();
  }

  /** The index of each entry of a batch. */
  async #write(entries: readonly AppendedEntry[]): Promise<number[]> {
    try {
      const first = await appendToLog(this.#database, entries);
      this.#grown(first + entries.length);
      return entries.map((_, i) => first + i);
    } catch (error) {
      // Whether the batch was committed is unknown now.
      throw new VaultError('PV9017', {}, error instanceof Error ? error.message : undefined);
    }
  }

  #grown(size: number): void {
    this.#size = size;
    if (size - this.#growth.since < this.#growth.entries) return;
    this.#growth.since = size;
    this.#growth.tell();
  }
}
