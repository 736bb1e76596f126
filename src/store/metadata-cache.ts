import type { Database } from './database.js';
import { type ChangeFeed, openChangeFeed } from './change-feed.js';
import { type Metadata, loadMetadata, readGeneration } from './metadata.js';

/** How old a snapshot may get at most although no change was heard of: a lost notification must not keep a revoked key alive. */
export const LONGEST_TTL_MS = 5_000;

/**
 * The current snapshot of collections, IAM and API keys. Served from memory while the change feed is up and the snapshot is younger than
 * five seconds, or what the settings say if that is less; otherwise the database is asked whether it still holds. A change made through this instance is seen by
 * its very next request.
 */
export class MetadataCache {
  readonly #database: Database;
  readonly #feed: ChangeFeed;
  readonly #ttlMs: number;
  readonly #onChange: () => void;
  #current: Metadata | undefined;
  #checkedAt = -Infinity;
  #loading: Promise<Metadata> | undefined;
  /** Counts invalidations: a load that began before one must not pass for fresh when it ends. */
  #era = 0;

  /** `onChange` is called for every change that is heard of, and for one that was not heard of when it is found. */
  constructor(database: Database, databaseUrl: string, onChange: () => void, ttlMs: number = LONGEST_TTL_MS) {
    this.#database = database;
    this.#onChange = onChange;
    this.#ttlMs = Math.min(ttlMs, LONGEST_TTL_MS);
    this.#feed = openChangeFeed(databaseUrl, () => {
      this.invalidate();
      onChange();
    });
  }

  /** A snapshot that holds now. Concurrent callers share one load. */
  async get(): Promise<Metadata> {
    if (this.#current && this.#feed.listening && performance.now() - this.#checkedAt < this.#ttlMs) {
      return this.#current;
    }
    return (this.#loading ??= this.#refresh());
  }

  /** What is cached must be checked before its next use. A load under way may have begun before the change: it is not reused. */
  invalidate(): void {
    this.#checkedAt = -Infinity;
    this.#loading = undefined;
    this.#era += 1;
  }

  async close(): Promise<void> {
    await this.#feed.close();
  }

  async #refresh(): Promise<Metadata> {
    const startedAt = performance.now();
    const era = this.#era;
    try {
      const known = this.#current;
      const stillHolds = known && known.generation === (await readGeneration(this.#database));
      if (known && !stillHolds) this.#onChange();
      const snapshot = stillHolds ? known : await loadMetadata(this.#database);
      if (era === this.#era) {
        this.#current = snapshot;
        this.#checkedAt = startedAt;
      }
      return snapshot;
    } finally {
      if (era === this.#era) this.#loading = undefined;
    }
  }
}
