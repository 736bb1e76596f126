import { randomUUID } from 'node:crypto';
import { VaultError } from '../../errors.js';
import { insertIdempotencyRecord } from '../../store/idempotency.js';
import { changeTokens } from '../../store/tokens/change-tokens.js';
import type { StoredToken } from '../../store/tokens/token-row.js';
import type { Facts } from '../call.js';
import { collectionNamed } from '../collection-named.js';
import { once } from '../idempotency.js';
import type { Operation } from '../operation.js';
import { permit, touchTokens } from '../permit.js';
import { commitTokens } from './commit-tokens.js';
import { openToken } from './open-token.js';
import { guardSharedIds, recordsOfIds } from './records-of-ids.js';
import { retryWhenChanged } from './retry-when-changed.js';
import { rewriteToken } from './rewrite-token.js';
import { ownersOf, referencesTo } from './token-facts.js';
import { selectTokens } from './token-selection.js';
import { TOKEN_TYPES, type TokenType } from './token-types.js';

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

    const rotateOnce = (): Promise<Record<string, string>> =>
      once(call, vault, factsOf, async () => {
        const asked = { token_ids: [...wanted] };
        const active = await selectTokens(call, vault, collection, asked, 'active', 'one');
        checkReversible(active);
        // All records of an id get the new one, those that are archived too: they would keep the old one alive.
        const stored = await recordsOfIds(call, vault, collection, active);
        const opened = await Promise.all(stored.map((token) => openToken(vault, token)));
        const renamed = new Map(opened.map(({ meta }) => [meta.tokenId, randomUUID()]));
        if (renamed.size !== wanted.size) throw new VaultError('PV3087');
        const changes = opened.map((token) => {
          const tokenId = renamed.get(token.meta.tokenId)!;
          return rewriteToken(vault, collection, token, { tokenId }, call.startedAt);
        });

        const answer: Record<string, string> = Object.fromEntries(renamed);
        return {
          answer,
          facts: { ...factsOf(answer), objects: ownersOf(stored) },
          async create(record) {
            await commitTokens(vault, collection, [
              ...guardSharedIds(collection, stored),
              changeTokens(collection.id, changes),
              ...(record ? [insertIdempotencyRecord(record)] : []),
            ]);
          },
        };
      });
    return retryWhenChanged(rotateOnce);
  },
};

/** Throws PV9043 for a token that cannot be turned back: nobody could say any more what its new id stands for. */
function checkReversible(tokens: readonly StoredToken[]): void {
  if (tokens.every(({ type }) => TOKEN_TYPES[type as TokenType].reversible)) return;
  throw new VaultError('PV9043', { field: 'token_ids' });
}
