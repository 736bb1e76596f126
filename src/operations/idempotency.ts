import { VaultError } from '../errors.js';
import { UniqueViolation } from '../store/database-errors.js';
import { type IdempotencyRecord, findIdempotencyRecord } from '../store/idempotency.js';
import type { Call, Facts } from './call.js';
import type { Vault } from './vault.js';

/** Something about to be created: what the caller gets, what the log says of it, and the effect. */
export interface Creation<Answer> {
  readonly answer: Answer;
  readonly facts: Facts;
  /** Makes the effect and keeps the record it is given, if any, in the same transaction. */
  readonly create: (record: IdempotencyRecord | null) => Promise<void>;
}

/**
 * Runs a creating operation once per Idempotency-Key. A repetition gets the first answer without anything being looked up again, since
 * the first may have changed what `prepare` would look for; it is recorded with the `facts` of that answer. The same key with
 * another request is PV9019.
 */
export async function once<Answer>(
  call: Call,
  vault: Vault,
  factsOf: (answer: Answer) => Facts,
  prepare: () => Promise<Creation<Answer>>,
): Promise<Answer> {
  if (!call.idempotency) {
    const { answer, facts, create } = await prepare();
    await call.record(facts);
    await create(null);
    return answer;
  }

  const key = vault.keyring.lookup.idempotency(call.principal.user, call.operation, call.idempotency.key);
  const earlier = await replay(call, vault, key, factsOf);
  if (earlier) return earlier.answer;
  try {
    return await createFirst(call, vault, key, call.idempotency.request, prepare);
  } catch (error) {
    // The twin of this request may have committed meanwhile: then whatever stood in the way, its answer is the answer.
    const twin = isRefusal(error) ? await replay(call, vault, key, factsOf) : null;
    if (twin) return twin.answer;
    throw error;
  }
}

async function createFirst<Answer>(
  call: Call,
  vault: Vault,
  key: Buffer,
  request: Buffer,
  prepare: () => Promise<Creation<Answer>>,
): Promise<Answer> {
  const { answer, facts, create } = await prepare();
  const keyset = await vault.keyring.sealing(0, '');
  await call.record(facts);
  await create({
    key,
    request,
    keysetId: keyset.keysetId,
    keysetVersion: keyset.version,
    answer: keyset.sealAnswer(key, JSON.stringify(answer)),
  });
  return answer;
}

async function replay<Answer>(
  call: Call,
  vault: Vault,
  key: Buffer,
  factsOf: (answer: Answer) => Facts,
): Promise<{ answer: Answer } | null> {
  const record = await findIdempotencyRecord(vault.database, key);
  if (!record) return null;
  if (!record.request.equals(call.idempotency!.request)) throw new VaultError('PV9019');

  const keyset = await vault.keyring.opening(record.keysetId, record.keysetVersion);
  const answer = JSON.parse(keyset.openAnswer(key, record.answer)) as Answer;
  const facts = factsOf(answer);
  await call.record({ ...facts, rule: `${facts.rule ?? ''} idempotent-replay`.trim() });
  return { answer };
}

/** Not found, taken or changed by somebody else: what the effect of a twin looks like from here. */
function isRefusal(error: unknown): boolean {
  if (error instanceof UniqueViolation) return true;
  return error instanceof VaultError && (error.status === 404 || error.status === 409);
}
