import { VaultError } from '../../errors.js';
import { findTaken } from '../../store/tokens/find-reusable.js';
import {
  type TransactionRecord,
  pageOfTransactions,
  removeTransactions,
} from '../../store/tokens/transactions.js';
import type { StoredCollection } from '../../store/metadata.js';
import { openTransaction } from '../tokens/transaction-record.js';
import { type DeletionCount, type GarbageRun, sweep } from './garbage-run.js';

/** Records that are opened at a time. */
const PAGE = 500;

/**
 * Transaction ids that refer to nothing: none of their tokens is there any more, not even archived; or they cannot be opened and are older than
 * the retention. What they refer to is sealed, so all of them are looked through. They belong to no tenant: whoever is limited to some leaves them.
 */
export async function transactionGarbage(run: GarbageRun): Promise<DeletionCount[]> {
  let count = 0;
  for (const collection of run.tenants === null ? run.collections : []) {
    const orphans = orphansOf(run, collection);
    count += await sweep(run, {
      find: orphans,
      facts: ({ length }) => ({ collection: collection.name, rule: 'orphaned-transactions', count: length }),
      remove: (records) => removeTransactions(run.vault.database, records),
    });
  }
  return [{ collection_name: 'TransactionIDs', collection_type: 'TRANSACTION_IDS', count }];
}

/** Gives orphans of a collection, so many at a time, going through its records once. */
function orphansOf(
  run: GarbageRun,
  { id: collection }: StoredCollection,
): (most: number) => Promise<TransactionRecord[]> {
  const found: TransactionRecord[] = [];
  let after: TransactionRecord | null = null;
  let isDone = false;
  return async (most) => {
    while (found.length < most && !isDone && !run.stopped()) {
      const page: TransactionRecord[] = await pageOfTransactions(run.vault.database, collection, after, PAGE);
      found.push(...(await orphansAmong(run, collection, page)));
      after = page.at(-1) ?? null;
      isDone = page.length < PAGE;
    }
    return found.splice(0, most);
  };
}

async function orphansAmong(
  run: GarbageRun,
  collection: number,
  page: readonly TransactionRecord[],
): Promise<TransactionRecord[]> {
  const { database } = run.vault;
  const hashes: Buffer[][] = [];
  for (const record of page) hashes.push(await tokensOf(run, collection, record));
  const there = await findTaken(database, collection, hashes.flat());
  const known = new Set(there.map((hash) => hash.toString('hex')));
  return page.filter((record, i) =>
    (hashes[i] ?? []).length > 0
      ? !hashes[i]!.some((hash) => known.has(hash.toString('hex')))
      : record.createdAt.getTime() < Date.now() - run.vault.settings.garbage.retentionSeconds * 1000,
  );
}

/** What the tokens of a record are found by; none where it does not open. */
async function tokensOf(
  { vault }: GarbageRun,
  collection: number,
  record: TransactionRecord,
): Promise<Buffer[]> {
  try {
    const ids = await openTransaction(vault, record);
    return ids.map((id) => vault.keyring.lookup.tokenHash(collection, id));
  } catch (error) {
    if (error instanceof VaultError && error.code === 'PV9010') return [];
    throw error;
  }
}
