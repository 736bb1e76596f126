import type { Database, Statement } from './database.js';

/** How long an answer is kept. */
export const RECORD_LIFE_MS = 24 * 3600 * 1000;

/** An answer kept for repetitions of the request that got it. */
export interface IdempotencyRecord {
  readonly key: Buffer;
  /** Tells the request from others under the same key. */
  readonly request: Buffer;
  readonly keysetId: string;
  readonly keysetVersion: number;
  readonly answer: Buffer;
}

/** The record under a key that has not expired, or null. */
export async function findIdempotencyRecord(
  database: Database,
  key: Buffer,
): Promise<IdempotencyRecord | null> {
  const rows = await database.run<IdempotencyRecord>({
    name: 'idempotency-find',
    text: `select key, request, keyset_id as "keysetId", keyset_version as "keysetVersion", answer
             from idempotency_record where key = $1 and expires_at > now()`,
    values: [key],
  });
  return rows[0] ?? null;
}

/**
 * Keeps an answer, in the transaction that has the effect: either both are there or neither. Throws UniqueViolation on
 * `idempotency_record_pkey` where the same request was faster elsewhere. An expired record is replaced.
 */
export function insertIdempotencyRecord(record: IdempotencyRecord): Statement {
  return {
    name: 'idempotency-insert',
    text: `with old as (delete from idempotency_record where key = $1::bytea and expires_at <= now() returning key)
           insert into idempotency_record (key, request, keyset_id, keyset_version, answer, expires_at)
           select $1::bytea, $2::bytea, $3::uuid, $4::int, $5::bytea, now() + $6::int * interval '1 millisecond' from (select count(*) from old) done`,
    values: [
      record.key,
      record.request,
      record.keysetId,
      record.keysetVersion,
      record.answer,
      RECORD_LIFE_MS,
    ],
  };
}

/** Removes a bounded number of expired records. */
export async function removeExpiredRecords(database: Database, most: number): Promise<void> {
  await database.run({
    name: 'idempotency-remove',
    text: `delete from idempotency_record where key in
             (select key from idempotency_record where expires_at <= now() limit $1)`,
    values: [most],
  });
}
