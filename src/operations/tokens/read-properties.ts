import { VaultError } from '../../errors.js';
import type { KnownCollection } from '../collection-named.js';
import { type At, type Input, propertiesOfInput } from './read-input.js';

/**
 * The names in `props`, or of everything that is given: all fields, all properties of an object. Throws PV2003 for a name the collection does
 * not have and PV9006 where nothing is left.
 */
export function readProperties(
  collection: KnownCollection,
  props: readonly string[] | undefined,
  input: Input,
  at: At,
): string[] {
  if (!props || props.length === 0) {
    const all = propertiesOfInput(collection, input);
    if (all.length > 0) return all;
    // What has no values of its own can still be pointed at.
    if (input.kind !== 'fields' || input.store) return ['id'];
    throw new VaultError('PV9006', { field: at('object.fields'), reason: 'there is nothing to tokenize' });
  }
  const unknown = props.findIndex((name) => name !== 'id' && !collection.own.has(name));
  if (unknown >= 0) throw new VaultError('PV2003', { field: at(`props[${unknown}]`) });
  return [...new Set(props)];
}
