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

/** Records of a collection in one order for all, those after `after`; their ids are still sealed. */
export async function pageOfTransactions(
  database: Database,
  collection: number,
  after: Pick<TransactionRecord, 'operation' | 'transaction'> | null,
  most: number,
): Promise<TransactionRecord[]> {
  return database.run<TransactionRecord>({
    name: 'transaction-page',
    text: `select collection_id as collection, operation, transaction, keyset_id as "keysetId", keyset_version as "keysetVersion",
                  ids, created_at as "createdAt"
             from transaction_record
            where collection_id = $1 and (operation, transaction) > ($2, $3)
            order by operation, transaction limit $4`,
    values: [collection, after?.operation ?? '', after?.transaction ?? Buffer.alloc(0), most],
  });
}

/** Removes records and says how many were still there. */
export async function removeTransactions(
  database: Database,
  records: readonly TransactionRecord[],
): Promise<number> {
  const rows = await database.run({
    name: 'transaction-remove',
    text: `delete from transaction_record r using unnest($1::int[], $2::text[], $3::bytea[]) as g (collection, operation, transaction)
            where r.collection_id = g.collection and r.operation = g.operation and r.transaction = g.transaction returning 1 as gone`,
    values: [
      records.map(({ collection }) => collection),
      records.map(({ operation }) => operation),
      records.map(({ transaction }) => transaction),
    ],
  });
  return rows.length;
}
