import type { LookupKeys } from '../../crypto/index.js';
import { dataTypeNamed } from '../../data-types/index.js';
import type { IndexedValue } from '../../store/objects/object-row.js';
import type { StoredProperty } from '../../store/metadata.js';
import type { FieldText } from './read-fields.js';

/** Whether values of the property are found by blind index. Types of two or three values would give themselves away by frequency. */
export function isBlindIndexed(property: StoredProperty): boolean {
  return (property.isIndex || property.isUnique) && !dataTypeNamed(property.baseTypeName)?.lowEntropy;
}

/** The blind indexes of an object's new values. */
export function blindIndexesOf(
  lookup: LookupKeys,
  collection: number,
  fields: readonly FieldText[],
): IndexedValue[] {
  return fields.flatMap(({ property, text }) =>
    text !== null && isBlindIndexed(property)
      ? [
          {
            property: property.id,
            value: lookup.blindIndex(collection, property.id, text),
            unique: property.isUnique,
          },
        ]
      : [],
  );
}
