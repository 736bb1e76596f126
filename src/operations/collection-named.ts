import { VaultError } from '../errors.js';
import { builtinProperties } from '../collections/builtins.js';
import { dependenciesAmong } from '../bundles/prototypes.js';
import type { Property } from '../collections/collection.js';
import { transformationsOf } from '../masks/index.js';
import type { CollectionFacts, PropertyFacts } from '../policy/collection-facts.js';
import type { StoredCollection, StoredProperty } from '../store/metadata.js';
import type { CallMetadata } from './call.js';
import type { FunctionCalls } from './functions/function-calls.js';

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
  /** There where the collection has custom types: runs their functions for one request. */
  readonly functions?: FunctionCalls;
}

/** Made once per collection and snapshot: snapshots never change, so neither does what is derived from them. */
const known = new WeakMap<StoredCollection, KnownCollection>();

/** The collection of that name. Throws PV1004. */
export function collectionNamed(metadata: CallMetadata, name: string): KnownCollection {
  const stored = metadata.collections.get(name);
  if (!stored) throw new VaultError('PV1004');
  const collection = knownCollection(stored);
  return metadata.functions?.bind(collection) ?? collection;
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
      properties: new Map(
        [...all.values()].map((property) => [property.name, factsOf(property, [...all.keys()])]),
      ),
    },
  };
}

/** A custom type has the transformations of the built-in type below it, too; one of its own of the same name takes the place. */
function factsOf(property: Property | StoredProperty, all: readonly string[]): PropertyFacts {
  const linked = 'linked' in property ? property.linked : null;
  const names = [...transformationsOf(linked?.baseTypeName ?? property.dataTypeName), TOKEN_TRANSFORMATION];
  const transformations = new Map<string, readonly string[]>(names.map((name) => [name, []]));
  for (const [name, { properties }] of linked?.transformers ?? []) {
    transformations.set(name, dependenciesAmong(all, properties));
  }
  const defaultTransformation = linked?.defaultTransformation;
  return {
    typeName: property.dataTypeName,
    transformations,
    ...(defaultTransformation && { defaultTransformation }),
  };
}
