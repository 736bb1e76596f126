import type { DataType } from '../data-types/data-type.js';

/** What a collection holds: PERSONS are people, DATA are things about people (and may be owned by a person). */
export type CollectionType = 'PERSONS' | 'DATA';

export const COLLECTION_TYPES = ['PERSONS', 'DATA'] as const satisfies readonly CollectionType[];

/** One property of a collection, completely spelled out: nothing is optional, defaults were applied on the way in. */
export interface Property {
  /** The type itself, where it is a custom one made ready for a request. */
  readonly type?: DataType;
  readonly name: string;
  readonly dataTypeName: string;
  readonly description: string;
  readonly isEncrypted: boolean;
  readonly isIndex: boolean;
  readonly isSubstringIndex: boolean;
  readonly isNullable: boolean;
  readonly isUnique: boolean;
  readonly isBuiltin: boolean;
  readonly isReadonly: boolean;
  readonly creationTime: Date;
  readonly modificationTime: Date;
}

/**
 * A collection and the properties its owner defined. The built-in ones are the same in every collection and are not
 * listed: see builtins.ts. A store's rows add their own ids: `Collection<Property & { id: number }> & { id: number }`.
 */
export interface Collection<P extends Property = Property> {
  readonly name: string;
  readonly type: CollectionType;
  readonly properties: readonly P[];
  readonly creationTime: Date;
  readonly modificationTime: Date;
}

/** A property as a request states it (api.md 1.5): what is absent was not said, which a PATCH tells from a default. */
export interface PropertyDefinition {
  readonly name: string;
  readonly data_type_name: string;
  readonly description?: string;
  readonly is_encrypted?: boolean;
  readonly is_index?: boolean;
  readonly is_substring_index?: boolean;
  readonly is_nullable?: boolean;
  readonly is_unique?: boolean;
  readonly is_builtin?: boolean;
  readonly is_readonly?: boolean;
}

/** A collection as a request states it (api.md 1.4), in JSON or read from PVSchema. */
export interface CollectionDefinition {
  readonly name: string;
  readonly type: CollectionType;
  readonly properties: readonly PropertyDefinition[];
}
