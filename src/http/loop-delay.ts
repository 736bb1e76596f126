import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 10;
const NANOSECONDS = 1e6;

/**
 * How late the event loop is. It is measured beside the requests, by a timer of the runtime; reading it is all that runs here. The median of what was seen:
 * one long turn, such as a large request's, is no overload.
 */
export class LoopDelay {
  readonly #seen = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  constructor() {
    this.#seen.enable();
  }

  /** Milliseconds, since it was read last; 0 where nothing was seen. */
  read(): number {
    const late = this.#seen.count === 0 ? 0 : this.#seen.percentile(50) / NANOSECONDS - RESOLUTION_MS;
    this.#seen.reset();
    return Math.max(0, late);
  }

  stop(): void {
    this.#seen.disable();
  }
}
