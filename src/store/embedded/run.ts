import { spawn, type StdioOptions } from 'node:child_process';
import type { Host } from './host.js';
import type { ServerUser } from './run-as.js';

/** How a program is started: where, as whom, with what on its standard input. */
export interface Run {
  host: Host;
  user: ServerUser | undefined;
  /** Node changes into it before it gives up root, so its parents need not be open to `user`. */
  cwd: string;
  stdin?: number;
}

/** What a finished program left. */
export interface Outcome {
  ok: boolean;
  /** Set if it could not even be started. */
  code: string | undefined;
  output: string;
}

/**
 * The name by which a program started with `cwd: directory` opens that directory. As another user, and wherever the system
 * has it, this is the magic link: it needs no right to walk through the parents, which are often root's alone (0700).
 */
export function nameForChild(directory: string, { host, user }: Pick<Run, 'host' | 'user'>): string {
  return user !== undefined && host.platform === 'linux' ? '/proc/self/cwd' : directory;
}

/** The options every PostgreSQL program is spawned with. */
export function spawnOptions({ host, user, cwd }: Run) {
  return {
    cwd,
    env: host.childEnvironment,
    windowsHide: true,
    ...(user && { uid: user.uid, gid: user.gid }),
  };
}

/** Runs a program to its end and collects what it said. */
export function runProgram(file: string, args: readonly string[], run: Run): Promise<Outcome> {
  return new Promise((resolve) => {
    const stdio: StdioOptions = [run.stdin ?? 'ignore', 'pipe', 'pipe'];
    const child = spawn(file, args, { ...spawnOptions(run), stdio });
    let output = '';
    const collect = (chunk: Buffer): void => void (output += chunk.toString());
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
    child.on('error', (error: NodeJS.ErrnoException) =>
      resolve({ ok: false, code: error.code, output: error.message }),
    );
    child.on('close', (code) => resolve({ ok: code === 0, code: undefined, output }));
  });
}

/** The last lines of what a program said, as one line for an error message. */
export function tail(output: string, lines = 5): string {
  return output.trim().split('\n').slice(-lines).join(' | ');
}
