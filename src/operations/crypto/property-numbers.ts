import type { BuiltinName } from '../../collections/builtins.js';
import type { KnownCollection } from '../collection-named.js';

/** The numbers of the built-in properties in ciphertexts (docs/FORMAT.md section 10): none that a property of the operator's can have. */
const BUILTIN_NUMBERS: Readonly<Record<BuiltinName, number>> = {
  id: 0,
  _owner_id: 0xffffff01,
  _owner_collection: 0xffffff02,
  _tenant_id: 0xffffff03,
  _creation_time: 0xffffff04,
  _modification_time: 0xffffff05,
  _expiration_time: 0xffffff06,
};

const BUILTIN_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(BUILTIN_NUMBERS).map(([name, number]) => [number, name]),
);

/** The number of a property of the collection: names may be reused for something else, numbers never are. */
export function numberOfProperty(collection: KnownCollection, name: string): number {
  return collection.own.get(name)?.id ?? BUILTIN_NUMBERS[name as BuiltinName];
}

/** The name the property has today; undefined where it was deleted since. */
export function nameOfProperty(collection: KnownCollection, number: number): string | undefined {
  return collection.ownById.get(number)?.name ?? BUILTIN_NAMES.get(number);
}
