import { type LookupKeys, MOST_TRIGRAMS, makeSubstringFilter } from '../../crypto/index.js';
import type { SubstringFilter } from '../../store/objects/object-row.js';
import type { FieldText } from './read-fields.js';
import { trigramsOf } from './trigrams.js';

/**
 * The substring filters of an object's new values: one row a value, whatever its length. A value of too many different trigrams has an
 * empty row, which every search takes for a candidate.
 */
export function substringFiltersOf(
  lookup: LookupKeys,
  collection: number,
  fields: readonly FieldText[],
): SubstringFilter[] {
  return fields.flatMap(({ property, text }) =>
    text !== null && property.isSubstringIndex
      ? [{ property: property.id, filter: filterOf(lookup, collection, property.id, text) }]
      : [],
  );
}

function filterOf(lookup: LookupKeys, collection: number, property: number, text: string): Buffer | null {
  const value = (JSON.parse(text) as string).normalize('NFC');
  const trigrams = trigramsOf(value, MOST_TRIGRAMS + 1);
  if (trigrams.length > MOST_TRIGRAMS) return null;
  return makeSubstringFilter(
    trigrams.map((trigram) => lookup.substringTrapdoor(collection, property, trigram)),
  );
}
