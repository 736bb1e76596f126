import type { LoadLimit } from './load-limit.js';
import { LoopDelay } from './loop-delay.js';

/** Often enough that an overload is over soon, seldom enough that each look sees many turns of the event loop. */
const LOOK_EVERY_MS = 250;

/** Whether the server still takes requests, how many it is working on, and how many it would. */
export class Lifecycle {
  readonly limit: LoadLimit;
  stopping = false;
  inFlight = 0;

  constructor(limit: LoadLimit) {
    this.limit = limit;
  }

  /** Looks at the event loop from now on, and returns the way to stop it. `read` tells how late it is. */
  watch(delay: Pick<LoopDelay, 'read' | 'stop'> = new LoopDelay()): () => void {
    const look = (): void => this.limit.look(delay.read(), this.inFlight);
    const timer = setInterval(look, LOOK_EVERY_MS).unref();
    return () => {
      clearInterval(timer);
      delay.stop();
    };
  }
}
