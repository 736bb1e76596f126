import { rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedPostgresError } from './errors.js';
import type { Host } from './host.js';
import { processesInCluster, readPostmasterFile, worksInCluster } from './postmaster.js';

/** From polite to safe to certain; none loses anything acknowledged, the later ones only make the next start recover. */
const STEPS = [
  { signal: 'SIGINT', patienceMs: 10_000 },
  { signal: 'SIGQUIT', patienceMs: 5_000 },
  { signal: 'SIGKILL', patienceMs: 5_000 },
] as const;

/**
 * Ends the PostgreSQL that a killed vault left running in this cluster, and removes its pid file. The caller holds the
 * lock, so nobody else's server can be meant. Starting anew, in place of adopting it, gives one well-known state: our
 * child, our settings, our log.
 */
export async function endLeftover(cluster: string, host: Host, log: (line: string) => void): Promise<void> {
  // The processes of a postmaster that is dead end by themselves, unless they are deep in some work.
  if (livePostmaster(cluster, host) === undefined) await allGone(cluster, host, 1_000);
  for (const { signal, patienceMs } of STEPS) {
    const running = processesInCluster(cluster, host);
    if (running.length === 0) break;
    log(`Ending the PostgreSQL that was left running in ${cluster} (pid ${running.join(', ')}).`);
    // A postmaster ends its own processes in good order; orphans have to be told one by one.
    const postmaster = signal === 'SIGKILL' ? undefined : livePostmaster(cluster, host);
    for (const pid of postmaster === undefined ? running : [postmaster]) host.signal(pid, signal);
    await allGone(cluster, host, patienceMs);
  }
  const left = processesInCluster(cluster, host);
  if (left.length > 0) {
    throw new EmbeddedPostgresError(
      `PostgreSQL (pid ${left.join(', ')}) still runs in ${cluster} and does not end.`,
    );
  }
  // Its pid may be somebody else's by now, and PostgreSQL would take that process for a server and refuse to start.
  rmSync(path.join(cluster, 'postmaster.pid'), { force: true });
}

/** The pid of the running server, if the one that the cluster names is one. */
function livePostmaster(cluster: string, host: Host): number | undefined {
  const pid = readPostmasterFile(cluster)?.pid;
  return pid !== undefined && worksInCluster(pid, cluster, host) ? pid : undefined;
}

/** Waits until nothing works in the cluster any more, or patience ends. */
async function allGone(cluster: string, host: Host, patienceMs: number): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (processesInCluster(cluster, host).length > 0 && Date.now() < deadline) await sleep(20);
}
