import type { Revelation } from '../../access-log/entry.js';
import type { components } from '../../generated/api.js';
import { insertIdempotencyRecord } from '../../store/idempotency.js';
import { insertTransaction } from '../../store/tokens/transactions.js';
import type { Facts } from '../call.js';
import { collectionNamed } from '../collection-named.js';
import { expirationOfNew } from '../expiration.js';
import { once } from '../idempotency.js';
import type { PreparedObject } from '../objects/prepare-object.js';
import type { Operation } from '../operation.js';
import { permit, refuseHopeless, touchProperties } from '../permit.js';
import { commitTokens } from './commit-tokens.js';
import { planTokens } from './plan-tokens.js';
import { retryWhenChanged } from './retry-when-changed.js';
import { referencesTo } from './token-facts.js';
import { loadSources } from './token-sources.js';
import { readTokenizeRequests } from './tokenize-request.js';
import { touchTokenized } from './touch-tokenized.js';
import { transactionRecord } from './transaction-record.js';

type TokenValue = components['schemas']['TokenValue'];

export const tokenize: Operation<'tokenize'> = {
  id: 'tokenize',

  async run(call, vault) {
    const collection = collectionNamed(call.metadata, call.path.collection);
    const requests = await readTokenizeRequests(call, vault, collection, call.body);
    const expiresAt = expirationOfNew(
      call.query.expiration_secs,
      call.startedAt,
      vault.settings.expiration.tokens,
    );
    if (requests.length === 0) {
      await call.record({ collection: collection.name, outcome: 'allowed', rule: 'nothing-asked' });
      return [];
    }

    await refuseHopeless(call, collection, 'tokenize');
    const tokenized = new Set(requests.flatMap(({ properties }) => properties));
    const written = new Set(requests.flatMap(({ stored }) => stored));
    const asked: Revelation[] = [...tokenized].map((name) => [name, null]);
    const touches = [...touchTokenized(requests), ...touchProperties('write', written)];
    const { rule } = await permit(call, collection, touches, { asked });

    const owners = requests.flatMap(({ input }) => (input.kind === 'object' ? [input.id] : []));
    const factsOf = (answer: TokenValue[]): Facts => ({
      collection: collection.name,
      objects: [...new Set([...owners, ...answer.flatMap(({ object_id }) => object_id ?? [])])],
      tokens: referencesTo(vault, collection, [...new Set(answer.map(({ token_id }) => token_id))]),
      asked,
      outcome: 'allowed',
      rule,
    });
    const inputs = requests.map(({ input }) => input);
    const { transaction_id: transactionId } = call.query;
    const makeOnce = (): Promise<TokenValue[]> =>
      once(call, vault, factsOf, async () => {
        const sources = await loadSources(call, vault, collection, inputs);
        const { ids, guards, writes } = await planTokens(
          call,
          vault,
          collection,
          requests,
          sources,
          expiresAt,
        );
        const transaction = transactionId
          ? await transactionRecord(call, vault, collection, transactionId, ids)
          : null;
        const answer = ids.map((id, i) => {
          const added = sources[i]!.added;
          return added ? { token_id: id, object_id: added.id } : { token_id: id };
        });
        return {
          answer,
          facts: factsOf(answer),
          async create(record) {
            // In one order for all: two requests that want the same unique values must not wait for each other.
            const added = sources.flatMap((source) => source.added ?? []).sort(byUniqueValue);
            const statements = [
              ...guards,
              ...added.map(({ statement }) => statement),
              ...writes,
              ...(transaction ? [insertTransaction(transaction)] : []),
              ...(record ? [insertIdempotencyRecord(record)] : []),
            ];
            await commitTokens(
              vault,
              collection,
              statements,
              added.flatMap((object) => object.indexes),
            );
          },
        };
      });
    return retryWhenChanged(makeOnce);
  },
};

function byUniqueValue(a: PreparedObject, b: PreparedObject): number {
  const least = ({ indexes }: PreparedObject): string =>
    indexes
      .filter(({ unique }) => unique)
      .map(({ property, value }) => `${property} ${value.toString('hex')}`)
      .sort()[0] ?? '';
  return least(a) < least(b) ? -1 : 1;
}
