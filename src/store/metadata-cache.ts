import type { Database } from './database.js';
import { type ChangeFeed, openChangeFeed } from './change-feed.js';
import { type Metadata, loadMetadata, readGeneration } from './metadata.js';

/** How old a snapshot may get although no change was heard of: a lost notification must not keep a revoked key alive. */
const TTL_MS = 5_000;

/**
 * The current snapshot of collections, IAM and API keys. Served from memory while the change feed is up and the snapshot is younger than
 * five seconds; otherwise the database is asked whether it still holds. A change made through this instance is seen by
 * its very next request.
 */
export class MetadataCache {
  readonly #database: Database;
  readonly #feed: ChangeFeed;
  #current: Metadata | undefined;
  #checkedAt = -Infinity;
  #loading: Promise<Metadata> | undefined;
  /** Counts invalidations: a load that began before one must not pass for fresh when it ends. */
  #era = 0;

  constructor(database: Database, databaseUrl: string, onChange: () => void) {
    this.#database = database;
    this.#feed = openChangeFeed(databaseUrl, () => {
      this.invalidate();
      onChange();
    });
  }

  /** A snapshot that holds now. Concurrent callers share one load. */
  async get(): Promise<Metadata> {
    if (this.#current && this.#feed.listening && performance.now() - this.#checkedAt < TTL_MS) {
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
