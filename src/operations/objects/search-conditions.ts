import { VaultError } from '../../errors.js';
import type { Property } from '../../collections/collection.js';
import { unknownProperty } from '../../collections/names.js';
import { isWellFormedText } from '../../data-types/well-formed.js';
import type { ObjectSelection, SubstringCondition } from '../../store/objects/find-objects.js';
import type { KnownCollection } from '../collection-named.js';
import type { Vault } from '../vault.js';
import { isBlindIndexed } from './blind-indexes.js';
import { type LikePattern, MOST_PATTERN_CHARACTERS, readLikePattern } from './like-pattern.js';
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
  /** To be met by the opened value; the substring index only says which objects are worth opening. */
  readonly liked: readonly { readonly property: number; readonly pattern: LikePattern }[];
  readonly substrings: readonly SubstringCondition[];
}

/** Values by name of the property, as a search gives them. */
interface Query {
  readonly match?: Readonly<Record<string, unknown>>;
  readonly in?: Readonly<Record<string, unknown[]>>;
  readonly like?: Readonly<Record<string, string>>;
}

/**
 * Reads `match`, `in` and `like`; a value is normalised as it is when stored, so that the raw phone number finds the stored one.
 * Throws PV3004 for an unknown property, PV3002 for a value its type refuses and for a pattern that is too long, PV9036 for a pattern
 * on a property without a substring index, PV9006 for a search without any condition.
 */
export function readConditions(vault: Vault, collection: KnownCollection, query: Query): SearchConditions {
  const wanted: (readonly [string, readonly unknown[]])[] = [
    ...Object.entries(query.match ?? {}).map(([name, value]) => [name, [value]] as const),
    ...Object.entries(query.in ?? {}),
  ];
  const patterns = Object.entries(query.like ?? {});
  if (wanted.length === 0 && patterns.length === 0)
    throw new VaultError('PV9006', { field: 'match', reason: 'a condition is needed' });
  for (const field of ['match', 'in', 'like'] as const) {
    const unknown = Object.keys(query[field] ?? {}).findIndex((name) => !collection.all.has(name));
    if (unknown >= 0) throw unknownProperty(unknown, field);
  }

  const indexed: { property: number; values: Buffer[]; texts: ReadonlySet<string> }[] = [];
  const scanned: { property: Property; texts: ReadonlySet<string> }[] = [];
  let ids: readonly string[] | null = null;
  for (const [name, values] of wanted) {
    const property = collection.all.get(name)!;
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
  const liked = patterns.map(([name, pattern]) => readPattern(collection, name, pattern));
  return { indexed, ids, scanned, liked, substrings: substringsOf(vault, collection, liked) };
}

function readPattern(
  collection: KnownCollection,
  name: string,
  text: string,
): SearchConditions['liked'][number] {
  const own = collection.own.get(name);
  if (!own?.isSubstringIndex) throw new VaultError('PV9036', { property: name });
  const pattern = isWellFormedText(text) ? readLikePattern(text) : null;
  if (!pattern) {
    const reason = `must be well-formed Unicode of at most ${MOST_PATTERN_CHARACTERS} characters`;
    throw new VaultError('PV3002', { property: name, reason });
  }
  return { property: own.id, pattern };
}

/** A pattern without a literal of three characters narrows nothing. */
function substringsOf(
  { keyring: { lookup } }: Vault,
  { id }: KnownCollection,
  liked: SearchConditions['liked'],
): SubstringCondition[] {
  return liked.flatMap(({ property, pattern: { trigrams } }) =>
    trigrams.length === 0
      ? []
      : [
          {
            property,
            lookupVersion: lookup.version,
            trapdoors: trigrams.map((trigram) => lookup.substringTrapdoor(id, property, trigram)),
          },
        ],
  );
}

/** Whether an object matches all patterns of a search. */
export function matchesPatterns(object: OpenObject, { liked }: SearchConditions): boolean {
  return liked.every(({ property, pattern }) => {
    const text = openFieldText(object, property);
    const value = text === null ? null : (JSON.parse(text) as unknown);
    return typeof value === 'string' && pattern.matches(value);
  });
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
