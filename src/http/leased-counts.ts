import type { ClientRateLimitInfo, Store } from 'express-rate-limit';
import { LRUCache } from 'lru-cache';
import type { Lease } from './siblings.js';

/** Keys remembered; one that is forgotten is asked for again. */
const MOST_REMEMBERED = 20_000;

interface Held {
  /** Requests that may still pass. */
  permits: number;
  given: number;
  readonly endsAt: number;
}

/**
 * Counts against a limit that several processes share. Most requests use a permit that was leased before and ask nobody; together the processes
 * never let more pass than the limit. What a process has leased and does not use is lost to the others until the limit begins anew, which is
 * why a lease is small.
 */
export class LeasedCounts implements Store {
  readonly #limit: number;
  readonly #ask: (key: string) => Promise<Lease>;
  readonly #now: () => number;
  readonly #held = new LRUCache<string, Held>({ max: MOST_REMEMBERED });
  readonly #asking = new Map<string, Promise<void>>();

  constructor(limit: number, ask: (key: string) => Promise<Lease>, now: () => number = Date.now) {
    this.#limit = limit;
    this.#ask = ask;
    this.#now = now;
  }

  /** Counts a request. More hits than the limit has: it must not pass. */
  async increment(key: string): Promise<ClientRateLimitInfo> {
    for (;;) {
      const held = this.#held.get(key);
      if (held !== undefined && this.#now() < held.endsAt) {
        const resetTime = new Date(held.endsAt);
        if (held.permits > 0) {
          held.permits -= 1;
          return { totalHits: held.given - held.permits, resetTime };
        }
        if (held.given >= this.#limit) return { totalHits: this.#limit + 1, resetTime };
      }
      await this.#renew(key);
    }
  }

  /** Gives a permit back. */
  decrement(key: string): void {
    const held = this.#held.get(key);
    if (held !== undefined) held.permits += 1;
  }

  resetKey(key: string): void {
    this.#held.delete(key);
  }

  /** All who wait for the same key share one question. */
  #renew(key: string): Promise<void> {
    const asking = this.#asking.get(key) ?? this.#lease(key);
    this.#asking.set(key, asking);
    return asking;
  }

  async #lease(key: string): Promise<void> {
    try {
      const { permits, given, resetMs } = await this.#ask(key);
      this.#held.set(key, { permits, given, endsAt: this.#now() + resetMs });
    } finally {
      this.#asking.delete(key);
    }
  }
}
