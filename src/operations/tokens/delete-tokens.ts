import { VaultError } from '../../errors.js';
import { deleteTokens as deletion } from '../../store/tokens/change-tokens.js';
import { collectionNamed } from '../collection-named.js';
import { lifecycleOf } from '../objects/lifecycle-of.js';
import type { Operation } from '../operation.js';
import { permit, touchTokens } from '../permit.js';
import { openToken } from './open-token.js';
import { retryWhenChanged } from './retry-when-changed.js';
import { factsOfTokens } from './token-facts.js';
import { selectTokens } from './token-selection.js';

export const deleteTokens: Operation<'deleteTokens'> = {
  id: 'deleteTokens',

  async run(call, vault) {
    const collection = collectionNamed(call.metadata, call.path.collection);
    const { rule } = await permit(call, collection, touchTokens('delete'), {});
    const { tenant_id: only, ...asked } = call.query;

    const deleteOnce = async (): Promise<void> => {
      const selected = await selectTokens(call, vault, collection, asked, lifecycleOf(call.query));
      const stored = selected.filter(({ tenant }) => only === undefined || tenant === only);
      if (stored.length === 0) throw new VaultError('PV3009');

      const opened = await Promise.all(stored.map((token) => openToken(vault, token)));
      await call.record({ ...factsOfTokens(vault, collection, opened), outcome: 'allowed', rule });
      // One that was rotated meanwhile is there still, under another id: nothing is deleted until all that was found is.
      await vault.database.commit([{ ...deletion(collection.id, stored), mustReturn: stored.length }]);
    };
    await retryWhenChanged(deleteOnce);
  },
};
