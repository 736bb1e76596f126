import { closeSync, constants, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedPostgresError, systemErrorCode } from './errors.js';
import type { Host } from './host.js';
import type { Layout } from './layout.js';

/** Held until released or until this process dies, however it dies. */
export interface Lock {
  release(): Promise<void>;
}

/**
 * Makes this process the only one that may start, stop or repair the database in this data directory. The lock is the
 * kernel's, so two starts at the same moment cannot both win and a killed holder cannot leave it behind; the file beside
 * it only tells the loser who the winner is.
 */
export async function lockDataDir(layout: Layout, host: Host): Promise<Lock> {
  const unlock = await (host.platform === 'darwin' ? lockFile(layout) : lockName(layout, host));
  if (unlock === undefined) {
    const holder = await holderOf(layout, host);
    throw new EmbeddedPostgresError(
      `The data directory ${layout.dataDir} is in use by another running vault (${holder === undefined ? 'process unknown' : `pid ${holder}`}).`,
    );
  }
  try {
    writeFileSync(layout.lock, `${host.pid}\n`, { mode: 0o600 });
  } catch (error) {
    await unlock();
    throw error;
  }
  return {
    async release() {
      // In this order: once the lock is free, the file may be the next holder's.
      rmSync(layout.lock, { force: true });
      await unlock();
    },
  };
}

/**
 * Listens on a name derived from the directory's identity, so that every path to it means the same lock: in Linux's
 * abstract socket namespace, or as a Windows pipe. Neither leaves a file.
 */
function lockName(layout: Layout, host: Host): Promise<(() => Promise<void>) | undefined> {
  const { dev, ino } = statSync(layout.dataDir, { bigint: true });
  const prefix = host.platform === 'win32' ? '\\\\.\\pipe\\' : '\0';
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error) =>
      systemErrorCode(error) === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    server.listen(`${prefix}coatcheck-data-${dev}-${ino}`, () => {
      // The lock alone is no reason for the process to stay.
      server.unref();
      resolve(() => new Promise((closed) => server.close(() => closed())));
    });
  });
}

/** macOS has no such names, but opens a file with an exclusive lock in one step. */
async function lockFile(layout: Layout): Promise<(() => Promise<void>) | undefined> {
  const O_EXLOCK = 0x20;
  try {
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NONBLOCK | O_EXLOCK;
    const file = openSync(`${layout.lock}.held`, flags, 0o600);
    return async () => closeSync(file);
  } catch (error) {
    if (systemErrorCode(error) === 'EAGAIN') return undefined;
    throw error;
  }
}

/** The pid of the process that holds the lock; it may be just about to write it down. */
async function holderOf(layout: Layout, host: Host): Promise<number | undefined> {
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const pid = Number(readIfAny(layout.lock));
    if (pid > 0 && host.signal(pid, 0)) return pid;
    await sleep(30);
  }
  return undefined;
}

/** A file's text, empty if it cannot be read. */
function readIfAny(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
