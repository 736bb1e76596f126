interface Waiting<Item, Result> {
  readonly item: Item;
  resolve(result: Result | Promise<Result>): void;
  reject(error: unknown): void;
}

/** One result per item, in their order; a promise among them settles for its item alone. */
type Work<Item, Result> = (items: readonly Item[]) => Promise<readonly (Result | Promise<Result>)[]>;

/**
 * Does one piece of work for everybody who asks at about the same time. What is asked while a batch is on its way makes up the next one,
 * so nobody gets an answer that is older than the question; where the work fails, it fails for its whole batch.
 */
export class Batches<Item, Result> {
  readonly #work: Work<Item, Result>;
  readonly #most: number;
  #waiting: Waiting<Item, Result>[] = [];
  #running: Promise<void> | undefined;

  /** At most `most` items go into a batch. */
  constructor(work: Work<Item, Result>, most: number) {
    this.#work = work;
    this.#most = most;
  }

  /** How many items wait for a batch. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Resolves with the item's own result. */
  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Resolves when nothing is waiting or on its way any more. */
  async settled(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #run(): Promise<void> {
    // What comes in the same turn of the event loop joins the first batch instead of queueing behind it.
    await new Promise<void>((resolve) => void setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.#most);
      try {
        const results = await this.#work(batch.map(({ item }) => item));
        batch.forEach(({ resolve }, i) => resolve(results[i]!));
      } catch (error) {
        batch.forEach(({ reject }) => reject(error));
      }
    }
    this.#running = undefined;
  }
}
