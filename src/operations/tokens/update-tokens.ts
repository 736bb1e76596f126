import { VaultError } from '../../errors.js';
import { changeTokens } from '../../store/tokens/change-tokens.js';
import { guardTags, lockTokens } from '../../store/tokens/guard-tokens.js';
import type { Facts } from '../call.js';
import { collectionNamed } from '../collection-named.js';
import { expirationOfChanged } from '../expiration.js';
import { lifecycleOf } from '../objects/lifecycle-of.js';
import type { Operation } from '../operation.js';
import { permit, refuseHopeless, touchTokens } from '../permit.js';
import { commitTokens } from './commit-tokens.js';
import { type OpenToken, openToken } from './open-token.js';
import { planNewValues } from './plan-new-values.js';
import { readNewData } from './read-new-data.js';
import { readTags } from './read-tags.js';
import { retryWhenChanged } from './retry-when-changed.js';
import { rewriteToken } from './rewrite-token.js';
import { factsOfTokens } from './token-facts.js';
import { selectTokens } from './token-selection.js';
import { touchTokenized } from './touch-tokenized.js';
import { uniqueTagsOf } from './unique-tags.js';

export const updateTokens: Operation<'updateTokens'> = {
  id: 'updateTokens',

  async run(call, vault) {
    const collection = collectionNamed(call.metadata, call.path.collection);
    const { tags, uniqueTags } = readTags(vault, call.body, (member) => `body.${member}`);
    const data = await readNewData(call, vault, collection, call.body);
    const asked = data && data.properties.map((name): [string, null] => [name, null]);

    if (data) await refuseHopeless(call, collection, 'tokenize');
    const facts: Omit<Facts, 'outcome'> = asked ? { asked } : {};
    const touches = data
      ? touchTokenized([{ ...data, type: 'randomized', template: null }])
      : touchTokens('write');
    const { rule } = await permit(call, collection, touches, facts);

    await retryWhenChanged(async () => {
      const stored = await selectTokens(call, vault, collection, call.query, lifecycleOf(call.query));
      if (stored.length === 0) throw new VaultError('PV3009');
      const plan = data && (await planNewValues(call, vault, collection, stored, data, facts));
      const selected = new Set(stored.map(({ id }) => id));

      // New values are those of all records of the id; tags and expiry only of those that were asked for.
      const opened: OpenToken[] = [];
      for (const token of plan?.records ?? stored) opened.push(await openToken(vault, token));
      const changes = opened.map((token) =>
        rewriteToken(
          vault,
          collection,
          token,
          {
            ...(selected.has(token.stored.id) && {
              ...(tags && { tags }),
              expiresAt: expirationOfChanged(
                call.query.expiration_secs,
                call.startedAt,
                token.meta.expiresAt,
              ),
            }),
            ...(plan && { props: plan.props }),
          },
          call.startedAt,
          plan?.values,
        ),
      );
      const unique = uniqueTagsOf(vault, collection, stored, uniqueTags);

      await call.record({ ...factsOfTokens(vault, collection, opened), ...facts, outcome: 'allowed', rule });
      await commitTokens(vault, collection, [
        ...(plan?.guards ?? []),
        ...(unique.length > 0
          ? [lockTokens(unique.map(({ tag }) => tag)), guardTags(collection.id, unique)]
          : []),
        changeTokens(collection.id, changes),
      ]);
    });
  },
};
