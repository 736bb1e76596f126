import type { StoredToken } from '../../store/tokens/token-row.js';
import type { Facts } from '../call.js';
import type { KnownCollection } from '../collection-named.js';
import type { Vault } from '../vault.js';
import type { OpenToken } from './open-token.js';

/** What the access log says of tokens that were found: where they are, whose they are, and a reference to each. */
export function factsOfTokens(
  vault: Vault,
  collection: KnownCollection,
  tokens: readonly OpenToken[],
): Omit<Facts, 'outcome'> {
  return {
    collection: collection.name,
    objects: ownersOf(tokens.map(({ stored }) => stored)),
    tokens: referencesTo(vault, collection, [...new Set(tokens.map(({ meta }) => meta.tokenId))]),
  };
}

/** The objects that tokens belong to, each once. */
export function ownersOf(tokens: readonly StoredToken[]): string[] {
  return [...new Set(tokens.flatMap(({ objectId }) => objectId ?? []))];
}

/** How the access log names tokens: by a keyed hash, whether they exist or not. */
export function referencesTo(
  vault: Vault,
  collection: KnownCollection,
  tokenIds: readonly string[],
): string[] {
  return tokenIds.map((id) => vault.keyring.lookup.logReference(collection.id, id));
}
