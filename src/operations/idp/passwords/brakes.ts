import { LRUCache } from 'lru-cache';
import { CircuitBreaker } from '../../../idp/bundles/circuit-breaker.js';
import type { Vault } from '../../vault.js';

/** So many wrong passwords of one login within the window, and nobody is asked: whoever stole a hook's key is not stopped by the provider's own limit. */
const MOST_GUESSES = 10;
const WINDOW_MS = 15 * 60_000;
const MOST_LOGINS = 50_000;
const MOST_AT_ONCE = 32;

/** What became of a question: a password that was right or was not, or a service that is away. */
export type TurnEnd = 'right' | 'wrong' | 'no-answer';

/** Leave to ask once. Whoever has it must say how it ended. */
export interface Turn {
  end(how: TurnEnd): void;
}

/** Keeps a password service from being asked too much, and a hook's key from being a way to guess passwords. Each process has its own. */
export class Brakes {
  readonly #breaker: CircuitBreaker;
  readonly #guesses: LRUCache<string, number>;
  #underWay = 0;

  constructor(now: () => number = () => performance.now()) {
    this.#breaker = new CircuitBreaker(now);
    const times = { ttl: WINDOW_MS, noUpdateTTL: true, ttlResolution: 0, perf: { now } };
    this.#guesses = new LRUCache({ max: MOST_LOGINS, ...times });
  }

  /** Leave to ask about a login. A guess is counted before it is answered, so that many at once are many. */
  take(login: string): Turn | 'too-many-guesses' | 'left-alone' {
    const guesses = this.#guesses.get(login) ?? 0;
    if (guesses >= MOST_GUESSES) return 'too-many-guesses';
    if (this.#underWay >= MOST_AT_ONCE || !this.#breaker.allows()) return 'left-alone';
    this.#underWay += 1;
    this.#guesses.set(login, guesses + 1);
    return { end: (how) => this.#end(login, how) };
  }

  #end(login: string, how: TurnEnd): void {
    this.#underWay -= 1;
    if (how === 'no-answer') this.#breaker.failed();
    else this.#breaker.succeeded();
    if (how === 'wrong') return;
    // What was not answered told nobody anything.
    const left = how === 'right' ? 0 : (this.#guesses.get(login) ?? 1) - 1;
    if (left > 0) this.#guesses.set(login, left);
    else this.#guesses.delete(login);
  }
}

const ofVaults = new WeakMap<Vault, Map<string, Brakes>>();

/** The brakes of a vault for a password service. */
export function brakesOf(vault: Vault, url: string): Brakes {
  const byUrl = ofVaults.get(vault) ?? new Map<string, Brakes>();
  ofVaults.set(vault, byUrl);
  const brakes = byUrl.get(url) ?? new Brakes();
  byUrl.set(url, brakes);
  return brakes;
}
