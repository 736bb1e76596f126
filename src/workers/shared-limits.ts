import { LRUCache } from 'lru-cache';
import { WINDOW_MS } from '../http/guards/limit-rates.js';
import type { Lease, SharedLimit } from '../http/siblings.js';

/** Addresses and users counted; past it those seen longest ago begin anew. */
const MOST_COUNTED = 100_000;
/** A lease is this part of what is left, divided by the workers: what all others hold unused is never more than a sixteenth of the limit. */
const SHARE = 16;

interface Window {
  given: number;
  readonly endsAt: number;
}

/** Gives the limits on requests out to the workers, in small parts, and never more than there is. */
export class SharedLimits {
  readonly #limits: Readonly<Record<SharedLimit, number>>;
  readonly #workers: number;
  readonly #now: () => number;
  readonly #windows = new LRUCache<string, Window>({ max: MOST_COUNTED });

  constructor(
    limits: Readonly<Record<SharedLimit, number>>,
    workers: number,
    now: () => number = () => performance.now(),
  ) {
    this.#limits = limits;
    this.#workers = workers;
    this.#now = now;
  }

  /** The next part for a worker; no permits where nothing is left. */
  lease(limit: SharedLimit, key: string): Lease {
    const window = this.#windowOf(`${limit} ${key}`);
    const left = this.#limits[limit] - window.given;
    const permits = Math.min(left, Math.max(1, Math.floor(left / (SHARE * this.#workers))));
    window.given += permits;
    return { permits, given: window.given, resetMs: window.endsAt - this.#now() };
  }

  #windowOf(name: string): Window {
    const known = this.#windows.get(name);
    if (known !== undefined && this.#now() < known.endsAt) return known;
    const begun = { given: 0, endsAt: this.#now() + WINDOW_MS };
    this.#windows.set(name, begun);
    return begun;
  }
}
