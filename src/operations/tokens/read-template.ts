import { VaultError } from '../../errors.js';
import type { KnownCollection } from '../collection-named.js';
import type { At } from './read-input.js';

interface WireTemplate {
  readonly fptemplate?: string | null;
  readonly fpprops?: readonly string[] | null;
}

/**
 * The property whose ends a format-preserving id keeps, or null where no template is asked for. Throws PV9006 unless `fpprops` names one
 * property of type CC_NUMBER, or of one based on it, among `properties`.
 */
export function readTemplate(
  collection: KnownCollection,
  item: WireTemplate,
  properties: readonly string[],
  at: At,
): string | null {
  const named = item.fpprops ?? [];
  if (!item.fptemplate) {
    if (named.length === 0) return null;
    throw new VaultError('PV9006', { field: at('fpprops'), reason: 'only with fptemplate' });
  }
  const [property] = named;
  const fits =
    named.length === 1 &&
    properties.includes(property!) &&
    collection.own.get(property!)?.baseTypeName === 'CC_NUMBER';
  if (!fits) {
    throw new VaultError('PV9006', {
      field: at('fpprops'),
      reason: 'one property of type CC_NUMBER among those tokenized is needed',
    });
  }
  return property!;
}
