import { VaultError } from '../../errors.js';
import type { TokenValues } from '../../crypto/index.js';
import type { KnownCollection } from '../collection-named.js';
import type { Vault } from '../vault.js';
import { computedCardId } from './format-preserving-ids.js';
import type { At } from './read-input.js';
import type { Texts } from './token-identity.js';

/** The id of a deterministic token: computed from its values, in the form of a card number where one is given. */
export function computedId(vault: Vault, values: TokenValues, card: string | null): string {
  const { lookup } = vault.keyring;
  if (card === null) return lookup.deterministicToken(values);
  return computedCardId(card, (attempt) => lookup.deterministicCardDigits(values, attempt));
}

/** The card number whose ends an id is to keep; null where no form is asked for. Throws PV9006 where the property has no value. */
export function cardOf(
  collection: KnownCollection,
  { template, at }: { readonly template: string | null; readonly at: At },
  texts: Texts,
): string | null {
  if (template === null) return null;
  const text = texts.get(collection.own.get(template)!.id);
  if (text === undefined)
    throw new VaultError('PV9006', { field: at('fpprops'), reason: 'the property has no value' });
  return JSON.parse(text) as string;
}
