import { VaultError } from '../../errors.js';
import type { KeySet } from './key-set.js';
import type { Algorithm } from './read-jwt.js';

const REFRESH_AFTER_MS = 5 * 60_000;
const TTL_MS = 10 * 60_000;
/** How long past its TTL a set goes on while the provider is away. */
const STALE_MS = 60 * 60_000;
/** Unknown key ids and failures cost the provider at most one fetch in this time, whoever sends how many. */
const BETWEEN_FETCHES_MS = 30_000;
/** While there is no set at all nobody can get in, so it is asked for more often. */
const BETWEEN_FIRST_FETCHES_MS = 5_000;

/**
 * The key set behind a `jwks_uri`: cached for ten minutes and renewed in the background after five, fetched once for all who wait, asked
 * for again for an unknown key id at most every thirty seconds, and kept for an hour more while the provider is away.
 */
export class RemoteKeySet {
  readonly #fetch: () => Promise<KeySet>;
  readonly #onFailure: (error: unknown) => void;
  readonly #now: () => number;
  #keys: KeySet | undefined;
  #fetchedAt = -Infinity;
  #triedAt = -Infinity;
  #fetching: Promise<void> | undefined;

  constructor(
    fetch: () => Promise<KeySet>,
    onFailure: (error: unknown) => void,
    now: () => number = () => performance.now(),
  ) {
    this.#fetch = fetch;
    this.#onFailure = onFailure;
    this.#now = now;
  }

  /** The set that holds now. Throws PV9064 where there is none and none can be had. */
  async current(): Promise<KeySet> {
    const age = this.#now() - this.#fetchedAt;
    if (age > TTL_MS) await this.#refresh();
    else if (age > REFRESH_AFTER_MS) void this.#refresh();
    return this.#usable();
  }

  /** The set for a token whose key the current one does not have: fetched anew if that is allowed yet. Throws PV9064. */
  async renewedFor(algorithm: Algorithm, keyId: string | null): Promise<KeySet> {
    if (this.#usable().find(algorithm, keyId) === null) await this.#refresh();
    return this.#usable();
  }

  #usable(): KeySet {
    if (this.#keys === undefined || this.#now() - this.#fetchedAt > TTL_MS + STALE_MS) {
      throw new VaultError('PV9064', {}, 'an identity provider of the IAM configuration gives no key set');
    }
    return this.#keys;
  }

  /** Resolves when the fetch under way is over, well or badly; does nothing before the next one is allowed. */
  async #refresh(): Promise<void> {
    if (this.#fetching) return this.#fetching;
    const pause = this.#keys === undefined ? BETWEEN_FIRST_FETCHES_MS : BETWEEN_FETCHES_MS;
    if (this.#now() - this.#triedAt < pause) return;
    this.#triedAt = this.#now();
    this.#fetching = this.#fetch()
      .then((keys) => {
        this.#keys = keys;
        this.#fetchedAt = this.#now();
      }, this.#onFailure)
      .finally(() => {
        this.#fetching = undefined;
      });
    return this.#fetching;
  }
}
