import type { Logger } from 'winston';
import type { Metrics } from './metrics.js';

const EVERY_MS = 1_000;

/** Why a request was turned away before anybody looked at it. */
export type ShedCause = 'overload' | 'stopping';

/**
 * Counts the requests that were turned away unseen. The operator's log has one line a second about all of them: a line for each would cost more than the
 * answer, when there is least to spare.
 */
export class TurnedAway {
  readonly #log: Logger;
  readonly #metrics: Pick<Metrics, 'countShed'>;
  #counts: Partial<Record<ShedCause, number>> = {};
  #timer: NodeJS.Timeout | undefined;

  constructor(log: Logger, metrics: Pick<Metrics, 'countShed'>) {
    this.#log = log;
    this.#metrics = metrics;
  }

  count(cause: ShedCause): void {
    this.#metrics.countShed(cause);
    this.#counts[cause] = (this.#counts[cause] ?? 0) + 1;
    this.#timer ??= setTimeout(() => this.flush(), EVERY_MS).unref();
  }

  /** Says what was counted and not yet said. */
  flush(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#log.warn('requests turned away', { status_code: 503, error_code: 'PV9018', ...this.#counts });
    this.#counts = {};
  }
}
