import type { Revelation } from '../../access-log/entry.js';
import { type Binding, asRevelations, readBindings } from '../bindings.js';
import { collectionNamed } from '../collection-named.js';
import { touchBindings } from '../objects/touch-bindings.js';
import { revealedFacts } from '../objects/reveal.js';
import type { Operation } from '../operation.js';
import { type Permission, permit, refuseHopeless } from '../permit.js';
import { type OpenToken, openToken } from './open-token.js';
import { presentTokenMetadata } from './present-token-metadata.js';
import { revealToken } from './reveal-token.js';
import { namesOfProperties } from './token-properties.js';
import { selectTokens } from './token-selection.js';

/** No token was found, or the properties of those found were deleted since. */
const NOTHING_TO_SHOW: Permission = { reveals: [], rule: 'nothing-to-show' };

export const detokenize: Operation<'detokenize'> = {
  id: 'detokenize',

  async run(call, vault) {
    const collection = collectionNamed(call.metadata, call.path.collection);
    const named = call.query.props?.length ? readBindings(collection, call.query.props, 'props') : null;
    await refuseHopeless(call, collection, 'detokenize');

    const stored = await selectTokens(call, vault, collection, call.query, 'active');
    const tokens: OpenToken[] = [];
    for (const token of stored) tokens.push(await openToken(vault, token));

    const facts = {
      collection: collection.name,
      objects: [...new Set(stored.flatMap(({ objectId }) => objectId ?? []))],
      tokens: referencesOf(tokens),
    };
    const bindings = named ?? ofTokens(tokens);
    const asked: Revelation[] = asRevelations(bindings);
    const touches = [...touchBindings('detokenize', bindings), ...touchBindings('read', bindings)];
    const { reveals, rule } =
      touches.length > 0 ? await permit(call, collection, touches, { ...facts, asked }) : NOTHING_TO_SHOW;

    await call.record({ ...facts, asked, ...revealedFacts(tokens.length > 0 ? reveals : []), rule });
    const details = call.query.options ?? [];
    return tokens.map((token) => ({
      token_id: token.meta.tokenId,
      fields: revealToken(token, collection, reveals, call),
      ...(details.includes('include_metadata') && {
        metadata: presentTokenMetadata([token], details.includes('include_aggregated_data')),
      }),
    }));

    function ofTokens(opened: readonly OpenToken[]): Binding[] {
      const names = new Set(opened.flatMap(({ meta }) => namesOfProperties(collection, meta.props)));
      return [...names].map((property) => ({ property, transformation: null }));
    }

    function referencesOf(opened: readonly OpenToken[]): string[] {
      if (opened.length === 0 && call.query.token_ids) {
        return call.query.token_ids.map((id) => vault.keyring.lookup.logReference(collection.id, id));
      }
      return opened.map(({ meta }) => vault.keyring.lookup.logReference(collection.id, meta.tokenId));
    }
  },
};
