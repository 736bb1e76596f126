import type { Logger } from 'winston';
import type { Config } from '../../config.js';
import { prepareInstance } from '../../startup/prepare-instance.js';
import { WorkerPool } from '../../workers/worker-pool.js';
import type { Terminal } from '../terminal.js';

/** Something that serves. */
export interface Serving {
  readonly url: string;
  /** Rejects when it cannot go on. */
  readonly lost: Promise<never>;
  close(): Promise<void>;
}

/**
 * Prepares the instance and starts its workers; none of them is left where that fails. Null: it was interrupted meanwhile, and they have ended
 * again.
 */
export async function startWorkers(
  config: Config,
  databaseUrl: string,
  log: Logger,
  terminal: Terminal,
): Promise<Serving | null> {
  await prepareInstance(config, databaseUrl, log);
  const limits = {
    address: config['service.rate_limit_per_address'],
    client: config['service.rate_limit_per_client'],
  };
  const pool = new WorkerPool({ size: config['service.workers'], databaseUrl, limits, log });
  let url: string | null = null;
  try {
    url = await Promise.race([pool.start(), terminal.interrupted.then(() => null)]);
  } finally {
    if (url === null) await pool.stop();
  }
  return url === null ? null : { url, lost: pool.lost, close: () => pool.stop() };
}
