import { randomUUID } from 'node:crypto';
import { VaultError } from '../../errors.js';
import { insertIdempotencyRecord } from '../../store/idempotency.js';
import { changeTokens } from '../../store/tokens/change-tokens.js';
import type { Facts } from '../call.js';
import { collectionNamed } from '../collection-named.js';
import { once } from '../idempotency.js';
import type { Operation } from '../operation.js';
import { permit, touchTokens } from '../permit.js';
import { openToken } from './open-token.js';
import { rewriteToken } from './rewrite-token.js';
import { ownersOf, referencesTo } from './token-facts.js';
import { selectTokens } from './token-selection.js';

export const rotateTokens: Operation<'rotateTokens'> = {
  id: 'rotateTokens',

  async run(call, vault) {
    const collection = collectionNamed(call.metadata, call.path.collection);
    const { rule } = await permit(call, collection, touchTokens('write'), {});
    const wanted = new Set(call.query.token_ids);
    const factsOf = (renamed: Record<string, string>): Facts => ({
      collection: collection.name,
      tokens: referencesTo(vault, collection, Object.entries(renamed).flat()),
      outcome: 'allowed',
      rule,
    });

    return once(call, vault, factsOf, async () => {
      const stored = await selectTokens(call, vault, collection, { token_ids: [...wanted] }, 'active');
      const opened = await Promise.all(stored.map((token) => openToken(vault, token)));
      const renamed = new Map(opened.map(({ meta }) => [meta.tokenId, randomUUID()]));
      if (renamed.size !== wanted.size) throw new VaultError('PV3087');
      const changes = opened.map((token) =>
        rewriteToken(vault, collection, token, { tokenId: renamed.get(token.meta.tokenId)! }),
      );

      const answer: Record<string, string> = Object.fromEntries(renamed);
      return {
        answer,
        facts: { ...factsOf(answer), objects: ownersOf(stored) },
        async create(record) {
          await vault.database.commit([
            changeTokens(collection.id, changes),
            ...(record ? [insertIdempotencyRecord(record)] : []),
          ]);
        },
      };
    });
  },
};
