import { findActiveByValue } from '../../store/tokens/find-reusable.js';
import type { Reveal } from '../../policy/decide.js';
import type { Call } from '../call.js';
import { type KnownCollection, TOKEN_TRANSFORMATION } from '../collection-named.js';
import type { TokenOf } from '../objects/reveal.js';
import { tenantFilter } from '../tenancy.js';
import type { Vault } from '../vault.js';
import { openToken } from './open-token.js';
import { DEFAULT_SCOPE, tokenValuesOf } from './token-identity.js';

/** Opens the value of a property, given by its number: compact JSON, or null where there is none. */
export type TextOf = (property: number) => string | null;

/**
 * Finds, in one statement, the pci tokens that `<property>.token` shows: for each value the token of that property alone in the default scope,
 * if there is an active one. Without such a transformation nothing is opened or looked up. Call it after the access was recorded.
 */
export async function findTokenOf(
  call: Call,
  vault: Vault,
  collection: KnownCollection,
  reveals: readonly Reveal[],
  shown: readonly TextOf[],
): Promise<TokenOf> {
  const asked = reveals.flatMap(({ property, transformation }) =>
    transformation === TOKEN_TRANSFORMATION ? (collection.own.get(property)?.id ?? []) : [],
  );
  if (asked.length === 0) return () => null;

  const { lookup } = vault.keyring;
  const hashOf = (property: number, text: string): Buffer =>
    lookup.tokenValues('pci', tokenValuesOf(collection, DEFAULT_SCOPE, new Map([[property, text]])));
  const hashes = new Map<string, Buffer>();
  for (const textOf of shown) {
    for (const property of asked) {
      const text = textOf(property);
      if (text === null) continue;
      const hash = hashOf(property, text);
      hashes.set(hash.toString('hex'), hash);
    }
  }

  const found = await findActiveByValue(
    vault.database,
    collection.id,
    [...hashes.values()],
    tenantFilter(call),
  );
  const ids = new Map<string, string>();
  for (const stored of found) {
    ids.set(stored.valueHash!.toString('hex'), (await openToken(vault, stored)).meta.tokenId);
  }
  return (property, text) => ids.get(hashOf(property, text).toString('hex')) ?? null;
}
