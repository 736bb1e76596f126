import type { KnownCollection } from '../collection-named.js';

/** The built-in `id` in a token's list of properties; those the operator defined begin at 1. */
const ID_PROPERTY = 0;

/** The numbers under which a token keeps its properties: names may be reused for something else, ids never are. */
export function idsOfProperties(collection: KnownCollection, names: readonly string[]): number[] {
  return names.map((name) => (name === 'id' ? ID_PROPERTY : collection.own.get(name)!.id));
}

/** The names of a token's properties as they are called today; those deleted since are gone. */
export function namesOfProperties(collection: KnownCollection, ids: readonly number[]): string[] {
  return ids.flatMap((id) => (id === ID_PROPERTY ? ['id'] : (collection.ownById.get(id)?.name ?? [])));
}
