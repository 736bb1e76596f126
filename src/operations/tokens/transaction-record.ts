import type { Call } from '../call.js';
import type { KnownCollection } from '../collection-named.js';
import { type TransactionRecord, findTransactions } from '../../store/tokens/transactions.js';
import type { Vault } from '../vault.js';

/** The operations that take a transaction id. */
const OPERATIONS = ['tokenize'] as const;

/** What is kept of a request that came with a transaction id: the ids of the tokens it made, sealed. */
export async function transactionRecord(
  call: Call<'tokenize'>,
  vault: Vault,
  collection: KnownCollection,
  transactionId: string,
  tokenIds: readonly string[],
): Promise<TransactionRecord> {
  const transaction = vault.keyring.lookup.transaction(collection.id, call.operation, transactionId);
  const keyset = await vault.keyring.sealing(0, '');
  return {
    collection: collection.id,
    operation: call.operation,
    transaction,
    keysetId: keyset.keysetId,
    keysetVersion: keyset.version,
    ids: keyset.sealAnswer(transaction, JSON.stringify([...new Set(tokenIds)])),
    createdAt: call.startedAt,
  };
}

/** The records under a transaction id; their ids are still sealed. */
export async function findTransaction(
  vault: Vault,
  collection: KnownCollection,
  transactionId: string,
): Promise<TransactionRecord[]> {
  const names = OPERATIONS.map((operation) => ({
    operation,
    transaction: vault.keyring.lookup.transaction(collection.id, operation, transactionId),
  }));
  return findTransactions(vault.database, collection.id, names);
}

/** The token ids of a record. Throws PV9010. */
export async function openTransaction(
  vault: Pick<Vault, 'keyring'>,
  record: TransactionRecord,
): Promise<string[]> {
  const keyset = await vault.keyring.opening(record.keysetId, record.keysetVersion);
  return JSON.parse(keyset.openAnswer(record.transaction, record.ids)) as string[];
}
