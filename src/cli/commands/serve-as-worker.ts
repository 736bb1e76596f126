import type { Worker } from 'node:cluster';
import { startApp } from '../../app.js';
import type { Config } from '../../config.js';
import { WorkerLink } from '../../workers/worker-link.js';
import { type Terminal, messageOf } from '../terminal.js';
import { listenProblem } from './listen-problem.js';
import { openLog } from './open-log.js';

/**
 * Serves beside others until this process is told to end. `worker` is this process. What stands against its start it tells the primary, which says it
 * once for all.
 */
export async function serveAsWorker(config: Config, terminal: Terminal, worker: Worker): Promise<void> {
  const link = new WorkerLink(worker);
  try {
    const { number, databaseUrl } = await link.place;
    const log = openLog(config, terminal, number);
    const app = await startApp(config, databaseUrl, log, { isFirst: number === 1, siblings: link }).catch(
      (error: unknown) => {
        throw listenProblem(config, error) ?? error;
      },
    );
    link.ready(app.url);
    await terminal.interrupted;
    await app.close();
  } catch (error) {
    link.failed(messageOf(error) ?? 'A worker stopped on a fault.');
    throw error;
  }
}
