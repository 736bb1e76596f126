import type { Logger } from 'winston';
import { catchUp } from '../access-log/projector.js';
import type { Vault } from '../operations/vault.js';
import { removeExpiredRecords } from '../store/idempotency.js';

const EVERY_MS = 5_000;
const EXPIRED_AT_A_TIME = 1_000;

/**
 * What a vault does between requests: builds the indexes that are due, keeps the log's projection close to its head and
 * removes expired idempotency records. Safe on several instances at once. Returns the way to stop it.
 */
export function startHousekeeping(
  vault: Vault,
  log: Logger,
  buildIndexes: () => Promise<void>,
): () => Promise<void> {
  // The projection may have been thrown away by a migration; filling it takes a while that no query should have to wait for.
  let running: Promise<void> = Promise.all([catchUp(vault.database), buildIndexes()]).then(
    () => undefined,
    report,
  );

  const timer = setInterval(() => {
    running = running
      .then(async () => {
        await catchUp(vault.database);
        await removeExpiredRecords(vault.database, EXPIRED_AT_A_TIME);
        await buildIndexes();
      }, report)
      .catch(report);
  }, EVERY_MS);

  function report(error: unknown): void {
    log.warn('housekeeping', { error_code: (error as { code?: unknown }).code });
  }

  return async () => {
    clearInterval(timer);
    await running;
  };
}
