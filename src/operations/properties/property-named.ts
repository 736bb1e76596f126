import { VaultError } from '../../errors.js';
import type { Property } from '../../collections/collection.js';
import type { StoredProperty } from '../../store/metadata.js';
import type { KnownCollection } from '../collection-named.js';

/** A property of a collection, built-in or not. Throws PV3004. */
export function propertyNamed(collection: KnownCollection, name: string): Property {
  const property = collection.all.get(name);
  if (!property) throw new VaultError('PV3004', { field: 'property' });
  return property;
}

/** A property that can be changed or deleted. Throws PV3004, and PV9006 for a built-in one. */
export function ownPropertyNamed(collection: KnownCollection, name: string): StoredProperty {
  const property = propertyNamed(collection, name);
  if (property.isBuiltin) throw new VaultError('PV9006', { property: name, reason: 'built in' });
  return collection.own.get(name)!;
}
