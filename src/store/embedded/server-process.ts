import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { program } from './binaries.js';
import type { Host } from './host.js';
import type { Layout } from './layout.js';
import type { ServerUser } from './run-as.js';
import { nameForChild, runProgram, spawnOptions } from './run.js';
import { settingsArguments } from './settings.js';

/** All that starting a server takes. */
export interface ServerPlan {
  host: Host;
  layout: Layout;
  native: string;
  user: ServerUser | undefined;
  durable: boolean;
  sharedBuffers: string | undefined;
  startTimeoutMs: number;
}

/** A PostgreSQL server that is our child, ready or not. */
export interface ServerProcess {
  /** Undefined if the program could not be started at all. */
  pid: number | undefined;
  hasEnded(): boolean;
  /** Resolves when the process has ended, with how. */
  exited: Promise<string>;
  /** Shuts down fast, then immediately, then by force; the data is safe with each. Resolves when it has ended. */
  stop(): Promise<void>;
}

/** How long each way of shutting down may take before the next one. */
const SHUTDOWN = [
  ['SIGINT', 10_000],
  ['SIGQUIT', 5_000],
] as const;

/** Spawns the server; what it says goes to the open file `log`. */
export function spawnServer(plan: ServerPlan, port: number, log: number): ServerProcess {
  const { host, layout, user } = plan;
  const run = { host, user, cwd: layout.cluster };
  const child = spawn(
    program(plan.native, 'postgres', host),
    ['-D', nameForChild(layout.cluster, run), ...settingsArguments(port, plan.durable, plan.sharedBuffers)],
    // A process group of its own: Ctrl-C in the terminal must reach the vault only, which stops the database last.
    { ...spawnOptions(run), detached: true, stdio: ['ignore', log, log] },
  );
  let ended = false;
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  }).then((how) => {
    ended = true;
    return how;
  });
  const { pid } = child;
  return {
    pid,
    exited,
    hasEnded: () => ended,
    async stop() {
      for (const [signal, patienceMs] of SHUTDOWN) {
        if (ended || pid === undefined) break;
        await requestStop(plan, pid, signal);
        await Promise.race([exited, sleep(patienceMs, undefined, { ref: false })]);
      }
      if (!ended && pid !== undefined) host.signal(pid, 'SIGKILL');
      await exited;
    },
  };
}

/** Asks for a shutdown; Windows has no signals, so there pg_ctl asks. */
async function requestStop(plan: ServerPlan, pid: number, signal: 'SIGINT' | 'SIGQUIT'): Promise<void> {
  const { host, layout, native, user } = plan;
  if (host.platform !== 'win32') {
    host.signal(pid, signal);
    return;
  }
  const mode = signal === 'SIGINT' ? 'fast' : 'immediate';
  const args = ['stop', '-W', '-m', mode, '-D', layout.cluster];
  await runProgram(program(native, 'pg_ctl', host), args, { host, user, cwd: layout.cluster });
}
