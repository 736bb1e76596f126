import { AggregatorRegistry } from 'prom-client';
import type { MetricsSnapshot } from '../http/siblings.js';
import { inTime } from './in-time.js';

/** A worker that does not answer for so long is shown as it was. */
const LONGEST_WAIT_MS = 2_000;
/** Metrics that only grow. Those of a worker that is gone stay part of the sum: it must not shrink, or every rate would jump. */
const GROWING: ReadonlySet<unknown> = new Set(['counter', 'histogram']);

/** The metrics of all workers, brought together for whoever of them is asked. */
export class GatheredMetrics<Worker> {
  readonly #last = new Map<Worker, MetricsSnapshot>();
  readonly #gone: MetricsSnapshot[] = [];
  readonly #longestWaitMs: number;
  #folding: Promise<void> = Promise.resolve();

  constructor(longestWaitMs = LONGEST_WAIT_MS) {
    this.#longestWaitMs = longestWaitMs;
  }

  /** Asks each worker, and resolves with what they say and what those before them had counted. */
  async gather(
    workers: readonly Worker[],
    ask: (worker: Worker) => Promise<MetricsSnapshot>,
  ): Promise<MetricsSnapshot[]> {
    await Promise.all(
      workers.map(async (worker) => {
        const snapshot = await inTime(ask(worker), this.#longestWaitMs);
        if (snapshot !== null) this.#last.set(worker, snapshot);
      }),
    );
    return [...this.#last.values(), ...this.#gone];
  }

  /** A worker is gone: what it had counted when it was last asked stays counted. */
  remove(worker: Worker): void {
    const last = this.#last.get(worker);
    if (last === undefined) return;
    this.#last.delete(worker);
    this.#gone.push(last.filter((metric) => GROWING.has((metric as { type?: unknown }).type)));
    this.#folding = this.#folding.then(() => this.#fold()).catch(() => undefined);
  }

  /** Makes one of those that are gone, so that however many there were, little is kept. */
  async #fold(): Promise<void> {
    const many = [...this.#gone];
    const one = await AggregatorRegistry.aggregate(many).getMetricsAsJSON();
    this.#gone.splice(0, many.length, one);
  }
}
