/** However late the event loop is, so many may be under way: fewer would leave it idle between two looks. */
const FEWEST = 64;
/** By how much a look lowers the limit, and raises it again. */
const LOWER = 0.7;
const RAISE = 1.1;

/**
 * How many requests may be under way. A burst may go up to what the settings allow; where the event loop stays late, the limit comes down, look by look,
 * until what is under way is answered in time, and up again when there is room.
 */
export class LoadLimit {
  readonly #most: number;
  readonly #longestDelayMs: number;
  #current: number;

  /** `longestDelayMs` 0: only the number counts. */
  constructor(most: number, longestDelayMs: number) {
    this.#most = most;
    this.#longestDelayMs = longestDelayMs;
    this.#current = most;
  }

  /** The limit now. */
  get current(): number {
    return this.#current;
  }

  /** A look: how late the event loop usually was since the last one, and how many requests are under way. */
  look(delayMs: number, inFlight: number): void {
    const isLate = this.#longestDelayMs > 0 && delayMs > this.#longestDelayMs;
    if (!isLate) this.#current = Math.min(this.#most, Math.ceil(this.#current * RAISE));
    // With few under way it is not their number that makes it late.
    else if (inFlight > FEWEST) this.#lower(inFlight);
  }

  #lower(inFlight: number): void {
    const wanted = Math.max(FEWEST, Math.floor(inFlight * LOWER));
    this.#current = Math.min(this.#current, wanted);
  }
}
