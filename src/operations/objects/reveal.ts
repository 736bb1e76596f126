import { presentTime } from '../../collections/present.js';
import type { JsonValue } from '../../data-types/data-type.js';
import type { Metadata } from '../../store/metadata.js';
import type { ObjectRow } from '../../store/objects/object-row.js';
import type { Reveal } from '../../policy/decide.js';
import type { Outcome, Revelation } from '../../access-log/entry.js';
import { type KnownCollection, TOKEN_TRANSFORMATION } from '../collection-named.js';
import { transform } from '../functions/transform.js';
import { NO_TENANT } from '../tenancy.js';
import { type OpenObject, openFieldText } from './open-object.js';

/** Fields on the wire: by the name they were asked for, null ones left out. */
export type RevealedFields = Record<string, JsonValue>;

/** The pci token of a value of a property, given by its number; null where there is none. */
export type TokenOf = (property: number, text: string) => string | null;

/** Opens and transforms exactly what was allowed, of one object. Call it after the access was recorded. Throws PV9010. */
export function revealObject(
  object: OpenObject,
  collection: KnownCollection,
  reveals: readonly Reveal[],
  metadata: Metadata,
  now: Date,
  tokenOf: TokenOf,
): RevealedFields {
  return revealWith(reveals, collection, now, tokenOf, (property) => {
    const own = collection.own.get(property);
    if (own) return openFieldText(object, own.id);
    const value = builtinValue(object.row, property, metadata);
    return value === null ? null : JSON.stringify(value);
  });
}

/** As {@link revealObject}, the values, as compact JSON, coming from `textOf`. */
export function revealWith(
  reveals: readonly Reveal[],
  collection: KnownCollection,
  now: Date,
  tokenOf: TokenOf,
  textOf: (property: string) => string | null,
): RevealedFields {
  const valueOf = (property: string): JsonValue | null => {
    const text = textOf(property);
    return text === null ? null : (JSON.parse(text) as JsonValue);
  };
  const fields: RevealedFields = {};
  for (const { property, transformation, as } of reveals) {
    const text = textOf(property);
    if (text === null) continue;
    if (transformation === TOKEN_TRANSFORMATION) {
      // What the vault itself keeps of an object is never tokenized.
      const own = collection.own.get(property);
      const token = own ? tokenOf(own.id, text) : null;
      if (token !== null) fields[as] = token;
      continue;
    }
    const value = JSON.parse(text) as JsonValue;
    const shown =
      transformation === null ? value : transform(collection, property, transformation, value, now, valueOf);
    if (shown !== null) fields[as] = shown;
  }
  return fields;
}

/** The value of a built-in property of an object, null where it has none. */
export function builtinValue(row: ObjectRow, property: string, metadata: Metadata): string | null {
  switch (property) {
    case 'id':
      return row.id;
    case '_tenant_id':
      return row.tenant === NO_TENANT ? null : row.tenant;
    case '_owner_id':
      return row.owner?.id ?? null;
    case '_owner_collection':
      return [...metadata.collections.values()].find(({ id }) => id === row.owner?.collection)?.name ?? null;
    case '_creation_time':
      return presentTime(row.createdAt);
    case '_modification_time':
      return presentTime(row.modifiedAt);
    case '_expiration_time':
      return row.expiresAt && presentTime(row.expiresAt);
    default:
      return null;
  }
}

/** What the access log says of a permission to show: what is shown, and whether anything of it is transformed. */
export function revealedFacts(reveals: readonly Reveal[]): { revealed: Revelation[]; outcome: Outcome } {
  return {
    revealed: reveals.map(({ property, transformation }) => [property, transformation]),
    outcome: reveals.some(({ transformation }) => transformation !== null) ? 'masked' : 'allowed',
  };
}
