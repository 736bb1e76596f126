/** Deaths during the start, with none that got ready in between, after which more would not help. */
const MOST_FAILED_STARTS = 6;
/** A worker that lived as long did not die of what killed others before. */
const LONG_LIFE_MS = 60_000;
const FIRST_WAIT_MS = 100;
const FACTOR = 3;
const LONGEST_WAIT_MS = 30_000;

/** How a worker died. */
export interface Death {
  /** Whether it had served. */
  readonly wasReady: boolean;
  readonly livedMs: number;
}

/** Says when a worker that died is replaced: at first soon, then ever later, so that what kills each at once does not keep the machine busy. */
export class Restarts {
  #failedStarts = 0;
  #inARow = 0;

  /** A worker serves. */
  started(): void {
    this.#failedStarts = 0;
  }

  /** Milliseconds to wait before the next is started; null: it makes no sense any more. */
  died({ wasReady, livedMs }: Death): number | null {
    if (!wasReady) this.#failedStarts += 1;
    if (this.#failedStarts >= MOST_FAILED_STARTS) return null;
    this.#inARow = livedMs >= LONG_LIFE_MS ? 1 : this.#inARow + 1;
    return Math.min(FIRST_WAIT_MS * FACTOR ** (this.#inARow - 1), LONGEST_WAIT_MS);
  }
}
