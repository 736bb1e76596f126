import os from 'node:os';

/** What the launcher needs to know of the machine and of this process; the only file here that asks `process`. */
export interface Host {
  platform: NodeJS.Platform;
  arch: string;
  pid: number;
  /** Undefined on Windows, which has no such thing. */
  uid: number | undefined;
  /** Where a copy of the programs may go, best first. */
  temporaryDirectories: readonly string[];
  /** All that a child process inherits. Never the vault's own environment: it may hold the root key. */
  childEnvironment: Record<string, string>;
  /** Sends a signal; false if there is no such process. Signal 0 only asks, and "not yours" still means alive. */
  signal(pid: number, signal: NodeJS.Signals | 0): boolean;
}

/** The machine this process runs on. */
export function thisHost(): Host {
  return {
    platform: process.platform,
    arch: process.arch,
    pid: process.pid,
    uid: process.getuid?.(),
    temporaryDirectories: [
      ...new Set([os.tmpdir(), ...(process.platform === 'win32' ? [] : ['/tmp', '/var/tmp'])]),
    ],
    childEnvironment: childEnvironment(),
    signal: sendSignal,
  };
}

/** PATH for the shell that initdb uses, a fixed language and time zone, and what Windows cannot start a program without. */
function childEnvironment(): Record<string, string> {
  const kept = ['PATH', 'SystemRoot', 'TEMP', 'TMP'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(kept), LC_ALL: 'C', TZ: 'UTC' };
}

/** `process.kill` that tells a missing process from one that belongs to somebody else. */
function sendSignal(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    if (signal === 0) return true;
    throw error;
  }
}
