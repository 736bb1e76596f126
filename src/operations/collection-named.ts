import { VaultError } from '../errors.js';
import { builtinProperties } from '../collections/builtins.js';
import type { Property } from '../collections/collection.js';
import { transformationsOf } from '../masks/index.js';
import type { CollectionFacts, PropertyFacts } from '../policy/collection-facts.js';
import type { Metadata, StoredCollection, StoredProperty } from '../store/metadata.js';

/** The transformation every type has: the pci token of the value, where there is one. It needs a look-up, so it is no mask. */
export const TOKEN_TRANSFORMATION = 'token';

/** A collection made ready for requests: its properties by name and id, the built-in ones included. */
export interface KnownCollection {
  readonly stored: StoredCollection;
  readonly id: number;
  readonly name: string;
  /** Those the operator defined, by name. */
  readonly own: ReadonlyMap<string, StoredProperty>;
  readonly ownById: ReadonlyMap<number, StoredProperty>;
  /** Built-in and own ones, by name. */
  readonly all: ReadonlyMap<string, Property>;
  readonly facts: CollectionFacts;
}

/** Made once per collection and snapshot: snapshots never change, so neither does what is derived from them. */
const known = new WeakMap<StoredCollection, KnownCollection>();

/** The collection of that name. Throws PV1004. */
export function collectionNamed(metadata: Metadata, name: string): KnownCollection {
  const stored = metadata.collections.get(name);
  if (!stored) throw new VaultError('PV1004');
  return knownCollection(stored);
}

/** A stored collection made ready. */
export function knownCollection(stored: StoredCollection): KnownCollection {
  let collection = known.get(stored);
  if (!collection) {
    collection = prepare(stored);
    known.set(stored, collection);
  }
  return collection;
}

function prepare(stored: StoredCollection): KnownCollection {
  const all = new Map<string, Property>(
    [...builtinProperties(stored.creationTime), ...stored.properties].map((property) => [
      property.name,
      property,
    ]),
  );
  return {
    stored,
    id: stored.id,
    name: stored.name,
    own: new Map(stored.properties.map((property) => [property.name, property])),
    ownById: new Map(stored.properties.map((property) => [property.id, property])),
    all,
    facts: {
      name: stored.name,
      properties: new Map([...all.values()].map((property) => [property.name, factsOf(property)])),
    },
  };
}

function factsOf(property: Property): PropertyFacts {
  const names = [...transformationsOf(property.dataTypeName), TOKEN_TRANSFORMATION];
  return { typeName: property.dataTypeName, transformations: new Map(names.map((name) => [name, []])) };
}
