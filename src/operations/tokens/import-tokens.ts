import { VaultError } from '../../errors.js';
import type { components } from '../../generated/api.js';
import { insertIdempotencyRecord } from '../../store/idempotency.js';
import type { Facts } from '../call.js';
import { collectionNamed } from '../collection-named.js';
import { exportRootOf } from '../export-keys.js';
import { once } from '../idempotency.js';
import type { Operation } from '../operation.js';
import { permit, refuseMasked, touchTokens } from '../permit.js';
import { presentError } from '../present-error.js';
import { commitTokens } from './commit-tokens.js';
import { openExportedToken } from './open-exported-token.js';
import { planImport } from './plan-import.js';
import { type ReadTokenData, type TokenData, readTokenData } from './read-token-data.js';
import { retryWhenChanged } from './retry-when-changed.js';
import { referencesTo } from './token-facts.js';
import { tellsEqualValues } from './token-types.js';

type Answer = components['schemas']['ImportTokensBulkResponse'];

export const importTokens: Operation<'importTokens'> = {
  id: 'importTokens',

  async run(call, vault) {
    const collection = collectionNamed(call.metadata, call.path.collection);
    if (call.body.length > vault.settings.maxPageSize) throw new VaultError('PV9007', { field: 'body' });
    const key = call.query.export_key ? exportRootOf(vault).read(call.query.export_key) : null;
    const { rule } = await permit(call, collection, touchTokens('write'), {});
    const items: (ReadTokenData | VaultError)[] = call.body.map((item, i) =>
      orError(() => {
        const data = key ? openExportedToken(key, collection, item) : item;
        return readTokenData(vault, collection, data, (member) => `body[${i}].${member}`);
      }),
    );
    const read = items.flatMap((item) => (item instanceof VaultError ? [] : [item]));
    const told = read.filter(({ type }) => tellsEqualValues(type)).flatMap(({ properties }) => properties);
    await refuseMasked(call, collection, told, {});

    const facts: Facts = {
      collection: collection.name,
      objects: [...new Set(read.flatMap(({ objectId }) => objectId ?? []))],
      tokens: referencesTo(vault, collection, [...new Set(read.map(({ id }) => id))]),
      asked: [...new Set(read.flatMap(({ properties }) => properties))].map((name) => [name, null]),
      outcome: 'allowed',
      rule,
    };
    const importOnce = (): Promise<Answer> =>
      once(
        call,
        vault,
        () => facts,
        async () => {
          if (read.length < items.length) throw new RefusedImport(answerOf(call.body, items));
          const plan = await planImport(call, vault, collection, read);
          if (plan.failures)
            throw new RefusedImport(
              answerOf(
                call.body,
                read.map((item, i) => plan.failures.get(i) ?? item),
              ),
            );
          return {
            answer: { ok: true, results: call.body.map(({ token_id }) => ({ token_id, ok: true })) },
            facts,
            async create(record) {
              await commitTokens(vault, collection, [
                ...(read.length > 0 ? plan.statements : []),
                ...(record ? [insertIdempotencyRecord(record)] : []),
              ]);
            },
          };
        },
      );
    try {
      return await retryWhenChanged(importOnce);
    } catch (error) {
      if (!(error instanceof RefusedImport)) throw error;
      await call.record({ ...facts, outcome: 'failed', errorCode: error.cause.code });
      return error.answer;
    }
  },
};

/** Nothing came in, and the answer says of each token why. */
class RefusedImport extends Error {
  readonly answer: Answer;
  override readonly cause: VaultError;

  constructor({ answer, first }: { answer: Answer; first: VaultError }) {
    super('import refused');
    this.answer = answer;
    this.cause = first;
  }
}

/** What is said of each token where one at least failed: all or none come in, so none did. */
function answerOf(
  body: readonly TokenData[],
  items: readonly (ReadTokenData | VaultError)[],
): { answer: Answer; first: VaultError } {
  const results = body.map(({ token_id }, i) => {
    const item = items[i]!;
    return { token_id, ok: false, ...(item instanceof VaultError && { error: presentError(item) }) };
  });
  return { answer: { ok: false, results }, first: items.find((item) => item instanceof VaultError)! };
}

function orError<T>(read: () => T): T | VaultError {
  try {
    return read();
  } catch (error) {
    if (error instanceof VaultError) return error;
    throw error;
  }
}
