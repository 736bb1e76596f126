import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { execFileSync } from 'node:child_process';
import type { Host } from './host.js';

/** What a running server writes into its cluster about itself. */
export interface PostmasterFile {
  pid: number;
  port: number;
  ready: boolean;
}

/** Reads `postmaster.pid`; undefined if there is none or it is only half written. */
export function readPostmasterFile(cluster: string): PostmasterFile | undefined {
  let lines: string[];
  try {
    lines = readFileSync(path.join(cluster, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return undefined;
  }
  const [pid, port, status] = [Number(lines[0]), Number(lines[3]), lines[7]?.trim()];
  return Number.isInteger(pid) && pid > 0 ? { pid, port, ready: status === 'ready' } : undefined;
}

/**
 * Whether this process is a PostgreSQL at work in this cluster. A pid alone proves nothing: after a crash or a reboot it
 * may belong to anybody. PostgreSQL's processes have their cluster as working directory, by inode and not by name.
 */
export function worksInCluster(pid: number, cluster: string, host: Host): boolean {
  if (host.platform === 'linux') return linuxWorksInCluster(pid, cluster);
  if (!host.signal(pid, 0)) return false;
  // Without /proc the command line has to do; on Windows, where even that is far, a live pid is believed.
  return host.platform === 'win32' || commandOf(pid).includes(cluster);
}

/** All processes of a PostgreSQL in this cluster, the orphans of a killed one included (Linux only). */
export function processesInCluster(cluster: string, host: Host): number[] {
  const file = readPostmasterFile(cluster);
  if (host.platform !== 'linux') return file && worksInCluster(file.pid, cluster, host) ? [file.pid] : [];
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && linuxWorksInCluster(pid, cluster));
}

/** A process that is gone, is a zombie or belongs to somebody else cannot be looked into, and is none of ours. */
function linuxWorksInCluster(pid: number, cluster: string): boolean {
  try {
    const [work, place] = [statSync(`/proc/${pid}/cwd`), statSync(cluster)];
    if (work.dev !== place.dev || work.ino !== place.ino) return false;
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'postgres';
  } catch {
    return false;
  }
}

/** The command line of a process where `ps` can tell it. */
function commandOf(pid: number): string {
  try {
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
}
