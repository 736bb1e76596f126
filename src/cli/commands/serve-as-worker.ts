import type { Worker } from 'node:cluster';
import type { Config } from '../../config.js';
import { WorkerLink } from '../../workers/worker-link.js';
import { type Terminal, messageOf } from '../terminal.js';
import { openLog } from './open-log.js';
import { startListening } from './start-listening.js';

/**
 * Serves beside others until this process is told to end. `worker` is this process. What stands against its start it tells the primary, which says it
 * once for all.
 */
export async function serveAsWorker(config: Config, terminal: Terminal, worker: Worker): Promise<void> {
  const link = new WorkerLink(worker);
  try {
    const { number, databaseUrl } = await link.place;
    const log = openLog(config, terminal, number);
    const place = { isFirst: number === 1, siblings: link };
    const app = await startListening(config, databaseUrl, log, place);
    link.ready(app.url);
    await terminal.interrupted;
    await app.close();
  } catch (error) {
    link.failed(messageOf(error) ?? 'A worker stopped on a fault.');
    throw error;
  }
}
