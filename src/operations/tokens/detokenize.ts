import { VaultError } from '../../errors.js';
import type { StoredToken } from '../../store/tokens/token-row.js';
import { type Binding, asRevelations, readBindings } from '../bindings.js';
import { type KnownCollection, collectionNamed } from '../collection-named.js';
import { touchBindings } from '../objects/touch-bindings.js';
import { revealedFacts } from '../objects/reveal.js';
import type { Operation } from '../operation.js';
import { type Permission, permit, refuseHopeless } from '../permit.js';
import { byTokenId } from './by-token-id.js';
import { findTokenOf } from './find-token-of.js';
import { type OpenToken, openToken } from './open-token.js';
import { presentTokenMetadata } from './present-token-metadata.js';
import { revealToken, valuesOf } from './reveal-token.js';
import { factsOfTokens, ownersOf, referencesTo } from './token-facts.js';
import { namesOfProperties } from './token-properties.js';
import { selectTokens } from './token-selection.js';
import { TOKEN_TYPES, type TokenType } from './token-types.js';

/** No token was found, or the properties of those found were deleted since. */
const NOTHING_TO_SHOW: Permission = { reveals: [], rule: 'nothing-to-show' };

export const detokenize: Operation<'detokenize'> = {
  id: 'detokenize',

  async run(call, vault) {
    const collection = collectionNamed(call.metadata, call.path.collection);
    const named = call.query.props?.length ? readBindings(collection, call.query.props, 'props') : null;
    // What the request names is recorded also where it names nothing that exists, or is refused before the look-up.
    const asking = {
      asked: asRevelations(named ?? []),
      tokens: referencesTo(vault, collection, [...new Set(call.query.token_ids)]),
    };
    await refuseHopeless(call, collection, 'detokenize', asking);

    const details = call.query.options ?? [];
    const records = details.includes('include_metadata') ? 'all' : 'one';
    const selected = await selectTokens(call, vault, collection, call.query, 'active', records);
    const stored = leaveOutOneWay(selected, call.query.token_ids);
    const tokens: OpenToken[] = [];
    for (const token of stored) tokens.push(await openToken(vault, token));

    const bindings = named ?? everythingOf(collection, tokens);
    const facts = {
      // Tokens asked for by id are all that can have been found, and have their references already.
      ...(call.query.token_ids?.length
        ? { collection: collection.name, objects: ownersOf(stored), tokens: asking.tokens }
        : factsOfTokens(vault, collection, tokens)),
      asked: asRevelations(bindings),
    };
    const touches = [...touchBindings('detokenize', bindings), ...touchBindings('read', bindings)];
    const { reveals, rule } =
      touches.length > 0 ? await permit(call, collection, touches, facts) : NOTHING_TO_SHOW;

    await call.record({ ...facts, ...revealedFacts(tokens.length > 0 ? reveals : []), rule });
    const tokenOf = await findTokenOf(call, vault, collection, reveals, tokens.map(valuesOf));
    return byTokenId(tokens).map((group) => ({
      token_id: group[0]!.meta.tokenId,
      fields: revealToken(group[0]!, collection, reveals, call, tokenOf),
      ...(details.includes('include_metadata') && {
        metadata: presentTokenMetadata(group, details.includes('include_aggregated_data')),
      }),
    }));
  },
};

/** Throws PV9043 where a token that never comes back is asked for by its id; found otherwise, it is left out. */
function leaveOutOneWay(stored: readonly StoredToken[], named: readonly string[] | undefined): StoredToken[] {
  const back = stored.filter(({ type }) => TOKEN_TYPES[type as TokenType].reversible);
  if (named?.length && back.length < stored.length) throw new VaultError('PV9043', { field: 'token_ids' });
  return back;
}

/** All that the tokens stand for, as it is. */
function everythingOf(collection: KnownCollection, tokens: readonly OpenToken[]): Binding[] {
  const names = new Set(tokens.flatMap(({ meta }) => namesOfProperties(collection, meta.props)));
  return [...names].map((property) => ({ property, transformation: null }));
}
