import { closeSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedPostgresError } from './errors.js';
import { readPostmasterFile } from './postmaster.js';
import { tail } from './run.js';
import { spawnServer, type ServerPlan } from './server-process.js';

/** A PostgreSQL server that accepts connections. */
export interface Server {
  pid: number;
  port: number;
  /** Resolves when the process has ended, with how. */
  exited: Promise<string>;
  stop(): Promise<void>;
}

/** Grown past this, the log file of earlier runs is set aside at the next start. */
const LOG_FILE_LIMIT = 4 * 1024 * 1024;

/** Starts the server on the port, or on a free one, and waits until it accepts connections. */
export async function startServer(plan: ServerPlan, port?: number): Promise<Server> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnPort(plan, port ?? (await freePort()));
    } catch (error) {
      // Between finding a free port and binding it, somebody else may have taken it.
      if (!String(error).includes('could not create any TCP/IP sockets') || attempt === 5) throw error;
      await sleep(50 * attempt);
    }
  }
}

/** One attempt on one port; what the server said is in the error if it does not come up. */
async function startOnPort(plan: ServerPlan, port: number): Promise<Server> {
  const { cluster, log } = plan.layout;
  setAsideLargeLog(log);
  const logFile = openSync(log, 'a', 0o600);
  const logStart = statSync(log).size;
  const server = spawnServer(plan, port, logFile);
  closeSync(logFile);

  const { pid, exited } = server;
  const deadline = Date.now() + plan.startTimeoutMs;
  while (pid !== undefined && !server.hasEnded() && Date.now() < deadline) {
    const written = readPostmasterFile(cluster);
    if (written?.pid === pid && written.ready) return { pid, port, exited, stop: () => server.stop() };
    await Promise.race([exited, sleep(10)]);
  }
  const late = pid !== undefined && !server.hasEnded();
  await server.stop();
  const how = late ? `was not ready after ${plan.startTimeoutMs} ms` : `did not start (${await exited})`;
  const said = readFileSync(log).subarray(logStart).toString();
  throw new EmbeddedPostgresError(`PostgreSQL in ${cluster} ${how}: ${tail(said)}`);
}

/** A port of the loopback interface that nobody listens on now. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

/** Keeps one older log file, so that the pair stays small. */
function setAsideLargeLog(log: string): void {
  if ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) > LOG_FILE_LIMIT) renameSync(log, `${log}.1`);
}
