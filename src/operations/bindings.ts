import { VaultError } from '../errors.js';
import type { Revelation } from '../access-log/entry.js';
import type { KnownCollection } from './collection-named.js';

/** A property as a request asks for it: `ssn`, or `ssn.mask` through a transformation. */
export interface Binding {
  readonly property: string;
  readonly transformation: string | null;
}

/**
 * Reads names such as `ssn` and `ssn.mask`. Throws PV3004 for a property the collection does not have or a transformation
 * its type does not have; the context names the place in the list, and the name only where it is the schema's.
 */
export function readBindings(
  collection: KnownCollection,
  names: readonly string[],
  field: string,
): Binding[] {
  return [...new Set(names)].map((name, i) => {
    const [property = '', transformation = null, ...rest] = name.split('.');
    const facts = collection.facts.properties.get(property);
    if (!facts) throw new VaultError('PV3004', { field: `${field}[${i}]` });
    if (rest.length > 0 || (transformation !== null && !facts.transformations.has(transformation))) {
      throw new VaultError('PV3004', { field: `${field}[${i}]`, property });
    }
    return { property, transformation };
  });
}

/** The bindings as the access log writes them. */
export function asRevelations(bindings: readonly Binding[]): Revelation[] {
  return bindings.map(({ property, transformation }) => [property, transformation]);
}
