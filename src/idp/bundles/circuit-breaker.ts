const FAILURES = 5;
const WITHIN_MS = 10_000;
const OPEN_MS = 5_000;

/**
 * Keeps a dead vault from costing every login a time-out: after five failures within ten seconds nobody asks for five seconds, then one login at a
 * time tries.
 */
export class CircuitBreaker {
  readonly #now: () => number;
  #failures: number[] = [];
  #openUntil = 0;
  #probing = false;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Whether the vault may be asked now. Whoever is told so must report {@link succeeded} or {@link failed}. */
  allows(): boolean {
    if (this.#openUntil === 0) return true;
    if (this.#probing || this.#now() < this.#openUntil) return false;
    this.#probing = true;
    return true;
  }

  /** The vault answered, whatever it said. */
  succeeded(): void {
    this.#failures = [];
    this.#openUntil = 0;
    this.#probing = false;
  }

  /** The vault is down, or too slow. */
  failed(): void {
    const now = this.#now();
    this.#failures = [...this.#failures.filter((at) => at > now - WITHIN_MS), now];
    if (this.#probing || this.#failures.length >= FAILURES) this.#openUntil = now + OPEN_MS;
    this.#probing = false;
  }
}
