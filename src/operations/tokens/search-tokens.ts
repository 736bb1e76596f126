import { collectionNamed } from '../collection-named.js';
import { lifecycleOf } from '../objects/lifecycle-of.js';
import type { Operation } from '../operation.js';
import { permit, touchTokens } from '../permit.js';
import { byTokenId } from './by-token-id.js';
import { type OpenToken, openToken } from './open-token.js';
import { presentTokenMetadata } from './present-token-metadata.js';
import { factsOfTokens } from './token-facts.js';
import { selectTokens } from './token-selection.js';

export const searchTokens: Operation<'searchTokens'> = {
  id: 'searchTokens',

  async run(call, vault) {
    const collection = collectionNamed(call.metadata, call.path.collection);
    const { rule } = await permit(call, collection, touchTokens('read'), {});
    const stored = await selectTokens(call, vault, collection, call.body, lifecycleOf(call.query));
    const tokens: OpenToken[] = [];
    for (const token of stored) tokens.push(await openToken(vault, token));

    await call.record({ ...factsOfTokens(vault, collection, tokens), outcome: 'allowed', rule });
    const aggregated = call.query.options?.includes('include_aggregated_data') ?? false;
    return byTokenId(tokens).map((records) => presentTokenMetadata(records, aggregated));
  },
};
