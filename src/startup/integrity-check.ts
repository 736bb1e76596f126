import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'winston';
import { verifyLog } from '../access-log/verify.js';
import type { Vault } from '../operations/vault.js';
import type { IntegrityAlarms } from './integrity-alarms.js';
import { startJob } from './periodic-job.js';

/** As many times as long as a step took, requests have the process to themselves. */
const REST = 4;
/** Soon after a start, where the last check was long ago or by a vault that died. */
const LONGEST_WAIT_MS = 60_000;

/**
 * Recomputes the access log with everything that is searched in, in small steps between requests, by one instance once in an interval (seconds, 0: never), and
 * raises an alarm that names the first position that is wrong. Returns the way to stop it.
 */
export function startIntegrityCheck(
  { database }: Pick<Vault, 'database'>,
  alarms: IntegrityAlarms,
  log: Logger,
  intervalSeconds: number,
): () => Promise<void> {
  return startJob(database, log, {
    name: 'integrity-check',
    intervalSeconds,
    longestWaitMs: LONGEST_WAIT_MS,
    async run(stopped) {
      let since = performance.now();
      const onProgress = async (): Promise<void> => {
        if (stopped()) throw new Stopped();
        await sleep((performance.now() - since) * REST);
        since = performance.now();
      };
      try {
        const found = await verifyLog(database, { onProgress, inSmallSteps: true });
        await alarms.raise(
          'log',
          found.ok ? [] : [`the access log is wrong at index ${found.index}: ${found.problem}`],
        );
      } catch (error) {
        if (!(error instanceof Stopped)) throw error;
      }
    },
  });
}

/** The vault stops; what was verified so far says nothing. */
class Stopped extends Error {}
