import { VaultError } from '../../errors.js';
import type { Property } from '../../collections/collection.js';
import { unknownProperty } from '../../collections/names.js';
import type { JsonValue, TypeLimits } from '../../data-types/data-type.js';
import { dataTypeNamed } from '../../data-types/index.js';
import type { StoredProperty } from '../../store/metadata.js';
import type { KnownCollection } from '../collection-named.js';

/** A property's new value as it is sealed: compact JSON of its normal form; null clears it. */
export interface FieldText {
  readonly property: StoredProperty;
  readonly text: string | null;
}

/** What a body of fields says, validated and normalised. */
export interface ReadFields {
  readonly fields: readonly FieldText[];
  readonly id: string | undefined;
  readonly tenant: string | undefined;
  /** Whom it names as owner; null: none; undefined: it says nothing of an owner. */
  readonly owner: NamedOwner | null | undefined;
}

/** An owner as a request names it: by the name of its collection and its id. */
export interface NamedOwner {
  readonly collection: string;
  readonly id: string;
}

/**
 * Reads the fields of an object. Throws PV3004 for a property that does not exist, PV3002 for a value its type refuses, PV9002 for
 * null where the property is not nullable, PV9006 for a built-in that cannot be set, PV9035 for half an owner. The context
 * names the property and a constant reason, never the value.
 */
export function readFields(
  collection: KnownCollection,
  body: Readonly<Record<string, unknown>>,
  limits: TypeLimits,
): ReadFields {
  const fields: FieldText[] = [];
  let id: string | undefined;
  let tenant: string | undefined;
  let ownerId: string | null | undefined;
  let ownerCollection: string | null | undefined;

  for (const [i, [name, value]] of Object.entries(body).entries()) {
    const property = collection.all.get(name);
    if (!property) throw unknownProperty(i);

    if (name === 'id') id = textOf(property, value, limits);
    else if (name === '_tenant_id') tenant = value === null ? undefined : textOf(property, value, limits);
    else if (name === '_owner_id') ownerId = value === null ? null : textOf(property, value, limits);
    else if (name === '_owner_collection')
      ownerCollection = value === null ? null : textOf(property, value, limits);
    else if (property.isBuiltin) {
      throw new VaultError('PV9006', { property: name, reason: 'set by the vault' });
    } else fields.push({ property: collection.own.get(name)!, text: fieldText(property, value, limits) });
  }
  return { fields, id, tenant, owner: ownerOf(ownerId, ownerCollection) };
}

/** An owner is named whole or not at all; null for one half and silence for the other is none. */
function ownerOf(
  id: string | null | undefined,
  collection: string | null | undefined,
): NamedOwner | null | undefined {
  if (id === undefined && collection === undefined) return undefined;
  if (id && collection) return { collection, id: id.toLowerCase() };
  const lacking = id ? '_owner_collection' : '_owner_id';
  if (id || collection) throw new VaultError('PV9035', { property: lacking, reason: 'is missing' });
  return null;
}

/** A value as it is sealed, indexed and matched: compact JSON of its normal form. Throws PV3002. */
export function valueText(property: Property, value: unknown, limits: TypeLimits): string {
  return JSON.stringify(normalValue(property, value, limits));
}

function fieldText(property: Property, value: unknown, limits: TypeLimits): string | null {
  if (value !== null) return valueText(property, value, limits);
  if (!property.isNullable) throw new VaultError('PV9002', { property: property.name });
  return null;
}

function textOf(property: Property, value: unknown, limits: TypeLimits): string {
  return normalValue(property, value, limits) as string;
}

function normalValue(property: Property, value: unknown, limits: TypeLimits): JsonValue {
  const type = property.type ?? dataTypeNamed(property.dataTypeName);
  // Its type was deleted at the moment the property was defined.
  if (!type) throw new VaultError('PV9013', { property: property.name });
  const normalised = type.normalise(value, limits);
  if (!normalised.ok) {
    throw new VaultError('PV3002', { property: property.name, reason: normalised.reason });
  }
  return normalised.value;
}
