import type { Logger } from 'winston';
import { MOST_ITEMS, collectGarbage } from '../operations/garbage/collect-garbage.js';
import { systemAccess } from '../operations/system-access.js';
import type { Vault } from '../operations/vault.js';
import { startJob } from './periodic-job.js';

const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface PruneSettings {
  /** 0: never. */
  readonly intervalSeconds: number;
  /** 0: no limit. */
  readonly timeoutSeconds: number;
}

/**
 * Removes what was archived long ago, once in an interval whatever the number of instances. A run that finds nothing leaves no entry. Returns
 * the way to stop it, which waits for the batch that is under way and no longer.
 */
export function startPruning(
  vault: Vault,
  log: Logger,
  { intervalSeconds, timeoutSeconds }: PruneSettings,
): () => Promise<void> {
  return startJob(vault.database, log, {
    name: 'archive-prune',
    intervalSeconds,
    longestWaitMs: LONGEST_TIMER_MS,
    async run(stopped) {
      const deadline = timeoutSeconds === 0 ? Infinity : performance.now() + timeoutSeconds * 1000;
      const removed = await prune(vault, () => stopped() || performance.now() > deadline);
      if (removed > 0) log.info('archive prune', { removed });
    },
  });
}

/** One run, in as many rounds as there is something to remove. What goes wrong is recorded and thrown. */
async function prune(vault: Vault, stopped: () => boolean): Promise<number> {
  const metadata = await vault.metadata.get();
  const access = systemAccess(vault, metadata, 'archive-prune', 'garbageCollection');

  try {
    for (let removed = 0; ;) {
      const run = {
        vault,
        collections: [...metadata.collections.values()],
        tenants: null,
        dryRun: false,
        left: MOST_ITEMS,
        stopped,
        record: access.record.bind(access),
      };
      await collectGarbage(run, null);
      removed += MOST_ITEMS - run.left;
      if (run.left > 0 || stopped()) return removed;
    }
  } catch (error) {
    throw access.recordedAt === null ? error : await access.fail(error);
  }
}
