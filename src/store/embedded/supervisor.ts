import { endLeftover } from './leftover.js';
import type { ServerPlan } from './server-process.js';
import { startServer, type Server } from './server.js';

/** Crashes within a minute after which a restart is no help any more. */
const CRASHES_PER_MINUTE = 5;

/** A server that comes back on the same port when it dies, because clients keep its address. */
export interface Supervised {
  /** The process of now. */
  readonly pid: number;
  readonly port: number;
  /** Calls back once when the server has died and did not come back. */
  onExit(callback: (reason: string) => void): void;
  /** Ends the server for good; further calls wait for the same end. */
  stop(): Promise<void>;
}

/** Starts the server and keeps it running until it is stopped. */
export async function startSupervised(plan: ServerPlan, log: (line: string) => void): Promise<Supervised> {
  let server: Server = await startServer(plan);
  let stopping: Promise<void> | undefined;
  const crashes: number[] = [];
  const callbacks: ((reason: string) => void)[] = [];

  /** Waits for the end of each server and starts the next. */
  const watch = async (): Promise<void> => {
    for (;;) {
      const how = await server.exited;
      if (stopping) return;
      crashes.push(Date.now());
      log(`PostgreSQL ended unexpectedly (${how}); starting it again.`);
      if (crashes.filter((at) => at > Date.now() - 60_000).length > CRASHES_PER_MINUTE) throw new Error(how);
      await endLeftover(plan.layout.cluster, plan.host, log);
      if (stopping) return;
      server = await startServer(plan, server.port);
      // Asked to stop while this one was starting: it is not the one that was told.
      if (stopping) return await server.stop();
    }
  };
  let gone: string | undefined;
  const watching = watch().catch((error: Error) => {
    gone = error.message;
    callbacks.forEach((callback) => callback(error.message));
  });

  return {
    get pid() {
      return server.pid;
    },
    port: server.port,
    onExit(callback) {
      if (gone === undefined) callbacks.push(callback);
      else callback(gone);
    },
    stop() {
      stopping ??= (async () => {
        await server.stop();
        await watching;
        // If it had crashed just now, its processes may still be ending.
        await endLeftover(plan.layout.cluster, plan.host, log);
      })();
      return stopping;
    },
  };
}
