import type { TokenValues } from '../../crypto/index.js';
import type { KnownCollection } from '../collection-named.js';
import type { Vault } from '../vault.js';
import { type TokenType, tellsEqualValues } from './token-types.js';

/** The scope of a token that names none. */
export const DEFAULT_SCOPE = 'default';

/** Begins the scopes in which equal values are the same in all collections. */
const GLOBAL = 'global:';
const SPACE_OF_ALL = 0;

/** Values by the number of their property, each as it is sealed: compact JSON of its normal form. */
export type Texts = ReadonlyMap<number, string>;

/** What a token stands for, as it is recognised again: scope, properties and values, never the object they come from. */
export function tokenValuesOf(collection: KnownCollection, scope: string, texts: Texts): TokenValues {
  const global = scope.startsWith(GLOBAL);
  return {
    space: global ? SPACE_OF_ALL : collection.id,
    scope,
    values: [...texts].map(([id, text]) => ({
      property: global ? collection.ownById.get(id)!.name : id,
      text,
    })),
  };
}

/** What a token is found again by for equal values; null for the types that are new each time. */
export function valueHashOf(vault: Vault, type: TokenType, values: TokenValues): Buffer | null {
  return tellsEqualValues(type) ? vault.keyring.lookup.tokenValues(type, values) : null;
}
