const EVERY_MS = 5_000;
/** Questions in a row without an answer: half a minute in which nobody else was answered either. */
const MOST_UNANSWERED = 6;

/**
 * Notices a process that lives and does nothing: one in an endless loop, or stopped from outside. Asks it again and again, and calls `lost` once where it does not
 * answer any more. Questions are counted, not seconds: where the whole machine slept, nobody is lost. Returns the way to stop asking.
 */
export function watchPulse(ask: () => Promise<unknown>, lost: () => void, everyMs = EVERY_MS): () => void {
  let unanswered = 0;
  const timer = setInterval(() => {
    if (unanswered === MOST_UNANSWERED) {
      clearInterval(timer);
      return lost();
    }
    unanswered += 1;
    void ask().then(() => (unanswered = 0));
  }, everyMs);
  return () => clearInterval(timer);
}
