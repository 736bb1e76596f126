import type { Keyring } from '../crypto/index.js';
import { VaultError } from '../errors.js';
import { type ChangeFeed, openChangeFeed } from './change-feed.js';
import type { Database } from './database.js';
import { tampered } from './iam-state.js';
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
  readonly #keyring: Keyring;
  readonly #feed: ChangeFeed;
  readonly #ttlMs: number;
  readonly #onChange: () => void;
  #current: Metadata | undefined;
  #newest: Metadata | undefined;
  #checkedAt = -Infinity;
  #loading: Promise<Metadata> | undefined;
  /** Counts invalidations: a load that began before one must not pass for fresh when it ends. */
  #era = 0;
  /** The furthest that IAM was seen to be: whoever shows less has been put back. */
  #furthest = { version: 0, serial: 0 };
  #problem: VaultError | undefined;
  #distrusted: VaultError | undefined;

  /** `onChange` is called for every change that is heard of, and for one that was not heard of when it is found. */
  constructor(
    database: Database,
    keyring: Keyring,
    databaseUrl: string,
    onChange: () => void,
    ttlMs: number = LONGEST_TTL_MS,
  ) {
    this.#database = database;
    this.#keyring = keyring;
    this.#onChange = onChange;
    this.#ttlMs = Math.min(ttlMs, LONGEST_TTL_MS);
    this.#feed = openChangeFeed(databaseUrl, () => {
      this.invalidate();
      onChange();
    });
  }

  /** PV9063 while the newest look at who may get in failed its check. */
  get problem(): VaultError | undefined {
    return this.#distrusted ?? this.#problem;
  }

  /** From now on nobody gets a snapshot but this error. */
  distrust(problem: VaultError): void {
    this.#distrusted = problem;
  }

  /** A configuration of at least this version was in force once. */
  expectIamVersion(version: number): void {
    this.#furthest = { ...this.#furthest, version: Math.max(version, this.#furthest.version) };
  }

  /** Moves whenever something changed, as far as is known here. */
  get era(): number {
    return this.#era;
  }

  /** The newest snapshot that was ever had, for what must be answered while none can be; nobody gets in by it. */
  get lastKnown(): Metadata | undefined {
    return this.#newest;
  }

  /** A snapshot that holds now. Concurrent callers share one load. Throws PV9063 where who may get in fails its check. */
  async get(): Promise<Metadata> {
    if (this.#distrusted) throw this.#distrusted;
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
    const furthest = this.#furthest;
    try {
      const known = this.#current;
      const stillHolds = known && known.generation === (await readGeneration(this.#database));
      if (known && !stillHolds) this.#onChange();
      const snapshot = stillHolds ? known : await loadMetadata(this.#database, this.#keyring);
      this.#checkForward(snapshot, furthest);
      if (snapshot.iam.version >= (this.#newest?.iam.version ?? 0)) this.#newest = snapshot;
      if (era === this.#era) {
        this.#current = snapshot;
        this.#checkedAt = startedAt;
      }
      this.#problem = undefined;
      return snapshot;
    } catch (error) {
      if (error instanceof VaultError && error.code === 'PV9063') this.#problem = error;
      throw error;
    } finally {
      if (era === this.#era) this.#loading = undefined;
    }
  }

  /** Compared with what was seen before the load began: a load that a newer one overtook is old and lawful. */
  #checkForward({ iam, iamSerial }: Metadata, before: { version: number; serial: number }): void {
    if (iam.version < before.version || iamSerial < before.serial) {
      throw tampered('iam_version and api_key are older than they were: they were put back');
    }
    const { version, serial } = this.#furthest;
    this.#furthest = { version: Math.max(version, iam.version), serial: Math.max(serial, iamSerial) };
  }
}
