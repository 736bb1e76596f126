import type { Logger } from 'winston';
import { catchUp, postSegments } from '../access-log/projector.js';
import type { Vault } from '../operations/vault.js';
import { removeExpiredRecords } from '../store/idempotency.js';

const EVERY_MS = 5_000;
/** The projection goes on more often: five seconds of a busy log at once would be felt by every request that comes meanwhile. */
const PROJECT_EVERY_MS = 1_000;
/** Twice what the busiest log fills in that time; after an upgrade, when all segments lack their postings, requests get the rest of it. */
const POST_AT_A_TIME = 2;
const EXPIRED_AT_A_TIME = 1_000;

/**
 * What a vault does between requests: builds the indexes that are due, keeps the log's projection close to its head and makes its postings, removes
 * expired idempotency records, deletes persons whose erasure is due and, after a rotation, wraps object keys anew. Safe on several instances at once. A worker that does
 * not work `forAll` of its instance only sees to what it keeps in memory. Returns the way to stop it.
 */
export function startHousekeeping(
  vault: Vault,
  log: Logger,
  forAll: boolean,
  buildIndexes: () => Promise<void>,
  rewrapKeys: (stopped: () => boolean) => Promise<void>,
  deleteErased: () => Promise<void>,
): () => Promise<void> {
  let stopping = false;
  let projecting: Promise<void> | undefined;
  const project = (): void => {
    projecting ??= catchUp(vault.database)
      .then(() => postSegments(vault.database, POST_AT_A_TIME))
      .catch(report)
      .finally(() => (projecting = undefined));
  };
  // The projection may have been thrown away by a migration; filling it takes a while that no query should have to wait for.
  if (forAll) project();
  const projection = forAll ? setInterval(project, PROJECT_EVERY_MS) : undefined;

  let running: Promise<void> = forAll ? buildIndexes().catch(report) : Promise.resolve();
  const timer = setInterval(() => {
    running = running
      .then(async () => {
        // Also without requests, so that health and log tell of tampering within seconds.
        await vault.metadata.get();
        // What was changed through another instance while nothing was heard of it.
        await vault.variables.refresh();
        if (!forAll) return;
        await removeExpiredRecords(vault.database, EXPIRED_AT_A_TIME);
        await buildIndexes();
        await deleteErased();
        await rewrapKeys(() => stopping);
      }, report)
      .catch(report);
  }, EVERY_MS);

  function report(error: unknown): void {
    const { code, detail } = error as { code?: unknown; detail?: unknown };
    if (code === 'PV9063')
      log.error('users, roles and keys do not pass their integrity check', { error_code: code, detail });
    else log.warn('housekeeping', { error_code: code });
  }

  return async () => {
    stopping = true;
    clearInterval(timer);
    clearInterval(projection);
    await Promise.all([running, projecting]);
  };
}
