import type { ObjectRow } from '../../store/objects/object-row.js';
import type { Reveal } from '../../policy/decide.js';
import type { Call } from '../call.js';
import type { KnownCollection } from '../collection-named.js';
import { findTokenOf } from '../tokens/find-token-of.js';
import type { Vault } from '../vault.js';
import { type OpenObject, openFieldText, openObject } from './open-object.js';
import { type RevealedFields, revealObject } from './reveal.js';

/**
 * Opens and transforms exactly what was allowed of objects, in their order; one that `isMeant` says no to is left out. Call it after the access
 * was recorded. Throws PV9010.
 */
export async function revealObjects(
  call: Call,
  vault: Vault,
  collection: KnownCollection,
  reveals: readonly Reveal[],
  rows: readonly ObjectRow[],
  isMeant: (object: OpenObject) => boolean = () => true,
): Promise<RevealedFields[]> {
  const objects: OpenObject[] = [];
  for (const row of rows) {
    const object = await openObject(vault, row);
    if (isMeant(object)) objects.push(object);
  }
  const texts = objects.map((object) => (property: number) => openFieldText(object, property));
  const tokenOf = await findTokenOf(call, vault, collection, reveals, texts);
  return objects.map((object) =>
    revealObject(object, collection, reveals, call.metadata, call.startedAt, tokenOf),
  );
}
