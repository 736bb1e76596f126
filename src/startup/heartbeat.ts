import type { Logger } from 'winston';
import { asVaultError } from '../operations/access.js';
import type { Vault } from '../operations/vault.js';
import { beat, leave, removeDeadInstances } from '../store/instances.js';

/** As long as a cached snapshot is believed at most: after each beat the generation it names has just been checked. */
const BEAT_SECONDS = 5;

/** Puts this instance on the list of those that live, and keeps it there. Returns the way to take it off. */
export async function startHeartbeat(
  vault: Pick<Vault, 'database' | 'metadata'>,
  log: Logger,
  priority: number,
): Promise<() => Promise<void>> {
  let workerId: number | null = null;
  const once = async (): Promise<void> => {
    const { generation } = await vault.metadata.get();
    workerId = await beat(vault.database, workerId, {
      generation,
      refreshIntervalSeconds: BEAT_SECONDS,
      priority,
    });
    await removeDeadInstances(vault.database);
  };
  const report = (error: unknown): void => {
    log.warn('heartbeat', { error_code: asVaultError(error).code });
  };
  // A vault whose users and keys fail their check has no generation to name, and must start all the same to say so.
  await once().catch(report);

  let running: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    running = running.then(once).catch(report);
  }, BEAT_SECONDS * 1000);

  return async () => {
    clearInterval(timer);
    await running;
    // A database that is away finds out by itself.
    if (workerId !== null) await leave(vault.database, workerId).catch(() => undefined);
  };
}
