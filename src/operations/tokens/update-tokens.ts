import { VaultError } from '../../errors.js';
import { changeTokens } from '../../store/tokens/change-tokens.js';
import { collectionNamed } from '../collection-named.js';
import { expirationOfChanged } from '../expiration.js';
import { lifecycleOf } from '../objects/lifecycle-of.js';
import type { Operation } from '../operation.js';
import { permit, touchTokens } from '../permit.js';
import { openToken } from './open-token.js';
import { rewriteToken } from './rewrite-token.js';
import { factsOfTokens } from './token-facts.js';
import { selectTokens } from './token-selection.js';

/** Changing what a token stands for comes with the token types that need it. */
const PLANNED = ['object', 'props', 'ensure_unique_tenant_tags'] as const;

export const updateTokens: Operation<'updateTokens'> = {
  id: 'updateTokens',

  async run(call, vault) {
    const collection = collectionNamed(call.metadata, call.path.collection);
    const planned = PLANNED.find((field) => call.body[field] !== undefined && call.body[field] !== null);
    if (planned) throw new VaultError('PV2001', { field: `body.${planned}` });
    const { tags } = call.body;
    if (tags && tags.length > vault.settings.maxTokenTags)
      throw new VaultError('PV9007', { field: 'body.tags' });

    const { rule } = await permit(call, collection, touchTokens('write'), {});
    const stored = await selectTokens(call, vault, collection, call.query, lifecycleOf(call.query));
    if (stored.length === 0) throw new VaultError('PV3009');

    const opened = await Promise.all(stored.map((token) => openToken(vault, token)));
    const changes = opened.map((token) =>
      rewriteToken(vault, collection, token, {
        ...(tags && { tags: [...new Set(tags)] }),
        expiresAt: expirationOfChanged(call.query.expiration_secs, call.startedAt, token.meta.expiresAt),
      }),
    );

    await call.record({ ...factsOfTokens(vault, collection, opened), outcome: 'allowed', rule });
    await vault.database.commit([changeTokens(collection.id, changes)]);
  },
};
