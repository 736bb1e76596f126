import { LRUCache } from 'lru-cache';
import type { Attempt } from './siblings.js';

/** Wrong keys that are forgiven before anybody has to wait. */
const FREE_ATTEMPTS = 5;
/** Sources and key ids remembered; past it the ones seen longest ago are forgotten. */
const MOST_REMEMBERED = 20_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 15 * 60_000;
/** In development everybody knows the key and only this machine gets here: a newcomer who mistypes it must not sit and wait. */
const LONGEST_WAIT_IN_DEVELOPMENT_MS = 1_000;

interface Count {
  failures: number;
  waitUntil: number;
}

/**
 * Counts wrong keys per source and per key id. After five, each further one doubles the time in which more are refused, up to fifteen minutes;
 * an hour without one and all is forgotten. A key id under attack costs only those who fail, too, their free attempts.
 */
export class FailedAttempts {
  readonly #counts: LRUCache<string, Count>;
  readonly #longest: number;
  readonly #now: () => number;
  /** Called for what is counted here, so that others can count it too. */
  onAttempt: (attempt: Attempt) => void = () => undefined;

  constructor(development: boolean, now: () => number = () => performance.now()) {
    this.#longest = development ? LONGEST_WAIT_IN_DEVELOPMENT_MS : LONGEST_WAIT_MS;
    this.#now = now;
    this.#counts = new LRUCache({
      max: MOST_REMEMBERED,
      ttl: 4 * LONGEST_WAIT_MS,
      ttlResolution: 0,
      perf: { now },
    });
  }

  /** How many sources and key ids are remembered. */
  get remembered(): number {
    return this.#counts.size;
  }

  /** Whether attempts of a source on a key are refused unseen. */
  mustWait(source: string, keyId: string): boolean {
    const own = this.#counts.get(`source ${source}`);
    if (own === undefined) return false;
    return this.#remaining(own) > 0 || this.#remaining(this.#counts.get(`key ${keyId}`)) > 0;
  }

  /** Counts a failure. Seconds after which the next attempt makes sense; 0: at once. */
  fail(source: string, keyId: string | null): number {
    const seconds = this.#fail(source, keyId);
    if (seconds === 0) this.onAttempt({ source, keyId, failed: true });
    return seconds;
  }

  /** Counts what happened in another process. */
  learn({ source, keyId, failed }: Attempt): void {
    if (failed) this.#fail(source, keyId);
    else if (keyId !== null) this.#forgive(source, keyId);
  }

  #fail(source: string, keyId: string | null): number {
    const waits = [this.#count(`source ${source}`), keyId === null ? 0 : this.#count(`key ${keyId}`)];
    return Math.ceil(Math.max(...waits) / 1_000);
  }

  /** Takes back the failures of a source that has shown the right key; those of others stay counted against the key. */
  forgive(source: string, keyId: string): void {
    if (this.#forgive(source, keyId)) this.onAttempt({ source, keyId, failed: false });
  }

  /** Whether there was anything to forgive. */
  #forgive(source: string, keyId: string): boolean {
    const own = this.#counts.get(`source ${source}`);
    if (own === undefined) return false;
    this.#counts.delete(`source ${source}`);
    const ofKey = this.#counts.get(`key ${keyId}`);
    if (ofKey === undefined) return true;
    ofKey.failures = Math.max(0, ofKey.failures - own.failures);
    if (ofKey.failures < FREE_ATTEMPTS) ofKey.waitUntil = 0;
    return true;
  }

  /** Milliseconds to wait. An attempt made while waiting does not prolong it. */
  #count(name: string): number {
    const count = this.#counts.get(name) ?? { failures: 0, waitUntil: 0 };
    const remaining = this.#remaining(count);
    if (remaining > 0) return remaining;

    count.failures += 1;
    const excess = count.failures - FREE_ATTEMPTS;
    if (excess >= 0) count.waitUntil = this.#now() + Math.min(FIRST_WAIT_MS * 2 ** excess, this.#longest);
    this.#counts.set(name, count);
    // The fifth failure is still answered as a wrong key; the wait begins behind it.
    return 0;
  }

  #remaining(count: Count | undefined): number {
    return count ? Math.max(0, count.waitUntil - this.#now()) : 0;
  }
}
