import { countTokens } from '../../store/tokens/find-tokens.js';
import { collectionNamed } from '../collection-named.js';
import type { Operation } from '../operation.js';
import { permit, touchTokens } from '../permit.js';

export const getTokensCount: Operation<'getTokensCount'> = {
  id: 'getTokensCount',

  async run(call, vault) {
    const collection = collectionNamed(call.metadata, call.path.collection);
    const { rule } = await permit(call, collection, touchTokens('stats'), {});

    await call.record({ collection: collection.name, outcome: 'allowed', rule });
    const { active, archived } = await countTokens(vault.database, collection.id, vault.settings.maxCount);
    return { active, archived, total: active + archived };
  },
};
