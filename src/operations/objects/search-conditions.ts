import { VaultError } from '../../errors.js';
import type { Property } from '../../collections/collection.js';
import type { ObjectSelection } from '../../store/objects/find-objects.js';
import type { KnownCollection } from '../collection-named.js';
import type { Vault } from '../vault.js';
import { isBlindIndexed } from './blind-indexes.js';
import { type OpenObject, openFieldText } from './open-object.js';
import { valueText } from './read-fields.js';

/** What a search asks, sorted by how it is answered. All conditions must hold. */
export interface SearchConditions {
  /** Found by blind index, and met by those whose opened value is one of the texts: an index row proves nothing. */
  readonly indexed: readonly (ObjectSelection['indexed'][number] & { readonly texts: ReadonlySet<string> })[];
  /** From conditions on `id`; null: any. */
  readonly ids: readonly string[] | null;
  /** To be met by looking at each candidate: the property, and the texts of which it must have one. */
  readonly scanned: readonly { readonly property: Property; readonly texts: ReadonlySet<string> }[];
}

/**
 * Reads `match` and `in`; a value is normalised as it is when stored, so that the raw phone number finds the stored one.
 * Throws PV3004 for an unknown property, PV3002 for a value its type refuses, PV9006 for a search without any condition.
 */
export function readConditions(
  vault: Vault,
  collection: KnownCollection,
  query: {
    readonly match?: Readonly<Record<string, unknown>>;
    readonly in?: Readonly<Record<string, unknown[]>>;
  },
): SearchConditions {
  const wanted: (readonly [string, readonly unknown[]])[] = [
    ...Object.entries(query.match ?? {}).map(([name, value]) => [name, [value]] as const),
    ...Object.entries(query.in ?? {}),
  ];
  if (wanted.length === 0)
    throw new VaultError('PV9006', { field: 'match', reason: 'a condition is needed' });

  const indexed: { property: number; values: Buffer[]; texts: ReadonlySet<string> }[] = [];
  const scanned: { property: Property; texts: ReadonlySet<string> }[] = [];
  let ids: readonly string[] | null = null;
  for (const [name, values] of wanted) {
    const property = collection.all.get(name);
    if (!property) throw new VaultError('PV3004');
    if (values.length > vault.settings.maxPageSize) throw new VaultError('PV9007', { property: name });
    const texts = new Set(values.map((value) => valueText(property, value, vault.settings.types)));

    const own = collection.own.get(name);
    if (name === 'id')
      ids = intersection(
        ids,
        [...texts].map((text) => JSON.parse(text) as string),
      );
    else if (own?.indexBuilt && isBlindIndexed(own)) {
      const { lookup } = vault.keyring;
      const hashes = [...texts].map((text) => lookup.blindIndex(collection.id, own.id, text));
      indexed.push({ property: own.id, values: hashes, texts });
    } else scanned.push({ property, texts });
  }
  return { indexed, ids, scanned };
}

/** Whether an object that the blind indexes led to has the values itself: a row of an index may have been moved to it by force. */
export function hasIndexedValues(object: OpenObject, { indexed }: SearchConditions): boolean {
  return indexed.every(({ property, texts }) => {
    const text = openFieldText(object, property);
    return text !== null && texts.has(text);
  });
}

function intersection(before: readonly string[] | null, now: readonly string[]): readonly string[] {
  return before === null ? now : before.filter((id) => now.includes(id));
}
