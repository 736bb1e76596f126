import type { Logger } from 'winston';
import { asVaultError } from '../operations/access.js';
import type { Database } from '../store/database.js';
import { claimRun } from '../store/job-runs.js';

/** A job that one instance does for all, once in an interval. */
export interface PeriodicJob {
  /** Names it in the database and in the operator's log. */
  readonly name: string;
  /** 0: never. */
  readonly intervalSeconds: number;
  /** Longest that a run which is due waits for the next instance to ask. */
  readonly longestWaitMs: number;
  /** One run; it ends early once `stopped` says so. What it throws is logged, and the next interval tries again. */
  run(stopped: () => boolean): Promise<void>;
}

/** Does the job whenever it is due and nobody else has it. Returns the way to stop it, which waits for a run to end early. */
export function startJob(database: Database, log: Logger, job: PeriodicJob): () => Promise<void> {
  const { name, intervalSeconds } = job;
  if (intervalSeconds === 0) return async () => undefined;
  let stopping = false;
  let running: Promise<void> = Promise.resolve();

  // An instance that starts in the middle of an interval asks sooner than the next one is over, or that would be late by up to another one.
  const everyMs = Math.min(Math.max(intervalSeconds * 250, 1_000), job.longestWaitMs);
  const timer = setInterval(() => {
    running = running.then(runOnce).catch((error: unknown) => {
      log.warn(name, { error_code: asVaultError(error).code });
    });
  }, everyMs);

  async function runOnce(): Promise<void> {
    if (stopping || !(await claimRun(database, name, intervalSeconds))) return;
    await job.run(() => stopping);
  }

  return async () => {
    stopping = true;
    clearInterval(timer);
    await running;
  };
}
