import { presentTime } from '../../collections/present.js';
import type { JsonValue } from '../../data-types/data-type.js';
import type { Metadata } from '../../store/metadata.js';
import type { ObjectRow } from '../../store/objects/object-row.js';
import type { Reveal } from '../../policy/decide.js';
import type { Outcome, Revelation } from '../../access-log/entry.js';
import { type KnownCollection, TOKEN_TRANSFORMATION } from '../collection-named.js';
import { transform } from '../functions/transform.js';
import { NO_TENANT } from '../tenancy.js';
import { type OpenObject, openFieldValue } from './open-object.js';

/** Fields on the wire: by the name they were asked for, null ones left out. */
export type RevealedFields = Record<string, JsonValue>;

/** Opens and transforms exactly what was allowed, of one object. Call it after the access was recorded. Throws PV9010. */
export function revealObject(
  object: OpenObject,
  collection: KnownCollection,
  reveals: readonly Reveal[],
  metadata: Metadata,
  now: Date,
): RevealedFields {
  return revealWith(reveals, collection, now, (property) => {
    const own = collection.own.get(property);
    return own ? openFieldValue(object, own.id) : builtinValue(object.row, property, metadata);
  });
}

/** As {@link revealObject}, the values coming from `valueOf`. */
export function revealWith(
  reveals: readonly Reveal[],
  collection: KnownCollection,
  now: Date,
  valueOf: (property: string) => JsonValue | null,
): RevealedFields {
  const fields: RevealedFields = {};
  for (const { property, transformation, as } of reveals) {
    // No pci token can exist yet for this to name.
    if (transformation === TOKEN_TRANSFORMATION) continue;
    const value = valueOf(property);
    if (value === null) continue;
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
