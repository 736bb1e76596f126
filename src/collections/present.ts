import { builtinProperties } from './builtins.js';
import type { Collection, CollectionType, Property } from './collection.js';

/** `Property` of the contract; every boolean is stated. */
export interface PropertyAnswer {
  name: string;
  data_type_name: string;
  description: string;
  is_encrypted: boolean;
  is_index: boolean;
  is_substring_index: boolean;
  is_nullable: boolean;
  is_unique: boolean;
  is_builtin: boolean;
  is_readonly: boolean;
  creation_time: string;
  modification_time: string;
}

/** `Collection` of the contract. */
export interface CollectionAnswer {
  name: string;
  type: CollectionType;
  properties: PropertyAnswer[];
  creation_time: string;
  modification_time: string;
}

/** `showBuiltins` is the request's `options=show_builtins`; built-ins are hidden unless asked for (api.md 1.4). */
export interface PresentOptions {
  readonly showBuiltins?: boolean;
}

/**
 * A moment on the wire: RFC 3339 in UTC. A Date holds whole milliseconds, cut and not rounded from what the database
 * has, so an answer is never stamped later than the moment it tells of (clients compare with their own clock).
 */
export function presentTime(at: Date): string {
  return at.toISOString();
}

/** A property as it travels. Fields are listed one by one so that a store's ids cannot slip out. */
export function presentProperty(property: Property): PropertyAnswer {
  return {
    name: property.name,
    data_type_name: property.dataTypeName,
    description: property.description,
    is_encrypted: property.isEncrypted,
    is_index: property.isIndex,
    is_substring_index: property.isSubstringIndex,
    is_nullable: property.isNullable,
    is_unique: property.isUnique,
    is_builtin: property.isBuiltin,
    is_readonly: property.isReadonly,
    creation_time: presentTime(property.creationTime),
    modification_time: presentTime(property.modificationTime),
  };
}

/** The properties a request may see: the collection's own, after the built-in ones where it asked for those. */
export function visibleProperties(collection: Collection, options: PresentOptions = {}): readonly Property[] {
  if (!options.showBuiltins) return collection.properties;
  return [...builtinProperties(collection.creationTime), ...collection.properties];
}

/** A collection as it travels, with its visible properties. */
export function presentCollection(collection: Collection, options: PresentOptions = {}): CollectionAnswer {
  return {
    name: collection.name,
    type: collection.type,
    properties: visibleProperties(collection, options).map(presentProperty),
    creation_time: presentTime(collection.creationTime),
    modification_time: presentTime(collection.modificationTime),
  };
}
