import { VaultError } from '../errors.js';
import { UniqueViolation } from '../store/database-errors.js';
import { type IdempotencyRecord, findIdempotencyRecord } from '../store/idempotency.js';
import type { Call, Facts } from './call.js';
import type { Vault } from './vault.js';

/**
 * Runs a creating operation once per Idempotency-Key. `create` makes the effect and, in the same transaction, keeps the record
 * it is given; a repetition gets the first answer, recorded as such. The same key with another request is PV9019.
 */
export async function once<Answer>(
  call: Call,
  vault: Vault,
  facts: Facts,
  answer: Answer,
  create: (record: IdempotencyRecord | null) => Promise<void>,
): Promise<Answer> {
  if (!call.idempotency) {
    await call.record(facts);
    await create(null);
    return answer;
  }

  const key = vault.keyring.lookup.idempotency(call.principal.user, call.operation, call.idempotency.key);
  const earlier = await replay<Answer>(call, vault, key, facts);
  if (earlier) return earlier.answer;

  const keyset = await vault.keyring.sealing(0, '');
  await call.record(facts);
  try {
    await create({
      key,
      request: call.idempotency.request,
      keysetId: keyset.keysetId,
      keysetVersion: keyset.version,
      answer: keyset.sealAnswer(key, JSON.stringify(answer)),
    });
    return answer;
  } catch (error) {
    if (!(error instanceof UniqueViolation)) throw error;
    // The twin of this request may have committed first: then whatever was violated, its answer is the answer.
    const twin = await replay<Answer>(call, vault, key, facts);
    if (twin) return twin.answer;
    throw error;
  }
}

async function replay<Answer>(
  call: Call,
  vault: Vault,
  key: Buffer,
  facts: Facts,
): Promise<{ answer: Answer } | null> {
  const record = await findIdempotencyRecord(vault.database, key);
  if (!record) return null;
  if (!record.request.equals(call.idempotency!.request)) throw new VaultError('PV9019');

  const keyset = await vault.keyring.opening(record.keysetId, record.keysetVersion);
  await call.record({ ...facts, rule: `${facts.rule ?? ''} idempotent-replay`.trim() });
  return { answer: JSON.parse(keyset.openAnswer(key, record.answer)) as Answer };
}
