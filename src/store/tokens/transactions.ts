import type { Database, Statement } from '../database.js';

/** What was made under a transaction id. */
export interface TransactionRecord {
  readonly collection: number;
  readonly operation: string;
  /** Names the transaction. */
  readonly transaction: Buffer;
  readonly keysetId: string;
  readonly keysetVersion: number;
  readonly ids: Buffer;
  readonly createdAt: Date;
}

/** The transactions of that name in a collection: one for each operation at most. */
export async function findTransactions(
  database: Database,
  collection: number,
  names: readonly { readonly operation: string; readonly transaction: Buffer }[],
): Promise<TransactionRecord[]> {
  return database.run<TransactionRecord>({
    name: 'transaction-find',
    text: `select r.collection_id as collection, r.operation, r.transaction, r.keyset_id as "keysetId", r.keyset_version as "keysetVersion",
                  r.ids, r.created_at as "createdAt"
             from unnest($2::text[], $3::bytea[]) as n (operation, transaction)
             join transaction_record r on r.collection_id = $1 and r.operation = n.operation and r.transaction = n.transaction`,
    values: [
      collection,
      names.map(({ operation }) => operation),
      names.map(({ transaction }) => transaction),
    ],
  });
}

/** Keeps what a transaction made, in the transaction that makes it. Throws UniqueViolation on `transaction_record_pkey` for a used id. */
export function insertTransaction(record: TransactionRecord): Statement {
  return {
    name: 'transaction-insert',
    text: `insert into transaction_record (collection_id, operation, transaction, keyset_id, keyset_version, ids, created_at)
           values ($1, $2, $3, $4, $5, $6, $7)`,
    values: [
      record.collection,
      record.operation,
      record.transaction,
      record.keysetId,
      record.keysetVersion,
      record.ids,
      record.createdAt,
    ],
  };
}
