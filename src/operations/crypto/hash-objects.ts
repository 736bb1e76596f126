import { VaultError } from '../../errors.js';
import type { Revelation } from '../../access-log/entry.js';
import { collectionNamed } from '../collection-named.js';
import type { Operation } from '../operation.js';
import { permit, refuseHopeless, touchProperties } from '../permit.js';
import { cardOf, computedId } from '../tokens/computed-id.js';
import { referencesTo } from '../tokens/token-facts.js';
import { tokenValuesOf } from '../tokens/token-identity.js';
import { loadSources, textsOf } from '../tokens/token-sources.js';
import { readHashRequests } from './hash-request.js';

export const hashObjects: Operation<'hashObjects'> = {
  id: 'hashObjects',

  async run(call, vault) {
    const collection = collectionNamed(call.metadata, call.path.collection);
    const requests = await readHashRequests(call, vault, collection, call.body);
    if (requests.length === 0) {
      await call.record({ collection: collection.name, outcome: 'allowed', rule: 'nothing-asked' });
      return [];
    }

    await refuseHopeless(call, collection, 'hash');
    const hashed = new Set(requests.flatMap(({ properties }) => properties));
    const asked: Revelation[] = [...hashed].map((name) => [name, null]);
    const { rule } = await permit(call, collection, touchProperties('hash', hashed), { asked });
    const inputs = requests.map(({ input }) => input);
    const sources = await loadSources(call, vault, collection, inputs);
    const ids = requests.map((request, i) => {
      const texts = textsOf(collection, request.properties, sources[i]!);
      if (texts.size === 0)
        throw new VaultError('PV9006', { field: request.at('object'), reason: 'there is nothing to hash' });
      const values = tokenValuesOf(collection, request.scope, texts);
      return computedId(vault, values, cardOf(collection, request, texts));
    });

    await call.record({
      collection: collection.name,
      objects: [...new Set(inputs.flatMap((input) => (input.kind === 'object' ? [input.id] : [])))],
      tokens: referencesTo(vault, collection, [...new Set(ids)]),
      asked,
      outcome: 'allowed',
      rule,
    });
    return ids.map((token_id) => ({ token_id }));
  },
};
