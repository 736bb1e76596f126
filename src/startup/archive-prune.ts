import { randomUUID } from 'node:crypto';
import type { Logger } from 'winston';
import { Access, asVaultError } from '../operations/access.js';
import type { Principal } from '../operations/call.js';
import { MOST_ITEMS, collectGarbage } from '../operations/garbage/collect-garbage.js';
import type { Vault } from '../operations/vault.js';
import { claimRun } from '../store/job-runs.js';

/** Who removes in the access log. No user of an IAM configuration can have this name: a name there has no hyphen. */
const PRUNER: Principal = {
  user: 'archive-prune',
  role: '',
  keyId: null,
  caller: { kind: 'role', role: '' },
  capabilities: new Set(),
};

const JOB = 'archive-prune';
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
  if (intervalSeconds === 0) return async () => undefined;
  let stopping = false;
  let running: Promise<void> = Promise.resolve();

  // An instance that starts in the middle of an interval asks sooner than the next one is over, or that would be late by up to another one.
  const everyMs = Math.min(Math.max(intervalSeconds * 250, 1_000), LONGEST_TIMER_MS);
  const timer = setInterval(() => {
    running = running.then(runOnce).catch(report);
  }, everyMs);

  async function runOnce(): Promise<void> {
    if (stopping || !(await claimRun(vault.database, JOB, intervalSeconds))) return;
    const deadline = timeoutSeconds === 0 ? Infinity : performance.now() + timeoutSeconds * 1000;
    const removed = await prune(vault, () => stopping || performance.now() > deadline);
    if (removed > 0) log.info('archive prune', { removed });
  }

  function report(error: unknown): void {
    log.warn('archive prune', { error_code: asVaultError(error).code });
  }

  return async () => {
    stopping = true;
    clearInterval(timer);
    await running;
  };
}

/** One run, in as many rounds as there is something to remove. What goes wrong is recorded and thrown. */
async function prune(vault: Vault, stopped: () => boolean): Promise<number> {
  const metadata = await vault.metadata.get();
  const occasion = { requestId: randomUUID(), callerRequestId: null, remoteAddress: null };
  const access = new Access(
    vault.log,
    { ...occasion, operation: 'garbageCollection' },
    { principal: PRUNER, iamVersion: metadata.iam.version, reason: 'Maintenance' },
  );

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
