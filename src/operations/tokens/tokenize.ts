import { VaultError } from '../../errors.js';
import type { Revelation } from '../../access-log/entry.js';
import { insertIdempotencyRecord } from '../../store/idempotency.js';
import { insertTokenKeys, insertTokens } from '../../store/tokens/change-tokens.js';
import type { components } from '../../generated/api.js';
import type { Facts } from '../call.js';
import { collectionNamed } from '../collection-named.js';
import { expirationOfNew } from '../expiration.js';
import { once } from '../idempotency.js';
import { commitWithUniqueValues } from '../objects/commit-with-unique-values.js';
import type { PreparedObject } from '../objects/prepare-object.js';
import type { Operation } from '../operation.js';
import { permit, refuseHopeless, touchProperties } from '../permit.js';
import { prepareToken } from './prepare-token.js';
import { referencesTo } from './token-facts.js';
import { loadSources } from './token-sources.js';
import { readTokenizeRequest } from './tokenize-request.js';

type TokenValue = components['schemas']['TokenValue'];

export const tokenize: Operation<'tokenize'> = {
  id: 'tokenize',

  async run(call, vault) {
    const collection = collectionNamed(call.metadata, call.path.collection);
    if (call.query.transaction_id !== undefined) throw new VaultError('PV2001', { field: 'transaction_id' });
    if (call.body.length > vault.settings.maxPageSize) throw new VaultError('PV9007', { field: 'body' });
    const requests = call.body.map((item, i) => readTokenizeRequest(vault, collection, item, i));
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
    const { rule } = await permit(
      call,
      collection,
      [...touchProperties('tokenize', tokenized), ...touchProperties('write', written)],
      { asked },
    );

    const owners = requests.flatMap(({ input }) => (input.kind === 'object' ? [input.id] : []));
    const factsOf = (answer: TokenValue[]): Facts => ({
      collection: collection.name,
      objects: [...new Set([...owners, ...answer.flatMap(({ object_id }) => object_id ?? [])])],
      tokens: referencesTo(
        vault,
        collection,
        answer.map(({ token_id }) => token_id),
      ),
      asked,
      outcome: 'allowed',
      rule,
    });
    return once(call, vault, factsOf, async () => {
      const sources = await loadSources(call, vault, collection, requests);
      const tokens = await Promise.all(
        requests.map((request, i) => prepareToken(call, vault, collection, request, sources[i]!, expiresAt)),
      );
      const answer = tokens.map(({ id }, i) => {
        const added = sources[i]!.added;
        return added ? { token_id: id, object_id: added.id } : { token_id: id };
      });
      return {
        answer,
        facts: factsOf(answer),
        async create(record) {
          // In one order for all: two requests that want the same unique values must not wait for each other.
          const added = sources.flatMap((source) => source.added ?? []).sort(byUniqueValue);
          const keys = tokens.flatMap(({ write, ownKey }) =>
            ownKey ? [{ record: write.id, key: ownKey }] : [],
          );
          const statements = [
            ...added.map(({ statement }) => statement),
            ...(keys.length > 0 ? [insertTokenKeys(collection.id, keys)] : []),
            insertTokens(tokens.map(({ write }) => write)),
            ...(record ? [insertIdempotencyRecord(record)] : []),
          ];
          const indexes = added.flatMap((object) => object.indexes);
          await commitWithUniqueValues(vault, collection, indexes, statements);
        },
      };
    });
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
