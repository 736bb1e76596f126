import type { Property } from './collection.js';

type BuiltinShape = Omit<Property, 'creationTime' | 'modificationTime'>;

/** Attributes shared by all built-ins: kept in clear, since the vault itself sorts and joins by them. */
const COMMON = {
  isEncrypted: false,
  isIndex: false,
  isSubstringIndex: false,
  isNullable: false,
  isUnique: false,
  isBuiltin: true,
  isReadonly: false,
} as const;

const TIMESTAMP = { ...COMMON, dataTypeName: 'TIMESTAMP', isReadonly: true } as const;

/**
 * The properties every collection has (api.md section 3). `_owner_collection` is a STRING because its value is the
 * name of a collection, which the OBJECT_ID of the vendor's documentation could not hold.
 */
export const BUILTINS = [
  {
    ...COMMON,
    name: 'id',
    dataTypeName: 'OBJECT_ID',
    description: 'The id of the object.',
    isUnique: true,
    isIndex: true,
    isReadonly: true,
  },
  {
    ...COMMON,
    name: '_owner_id',
    dataTypeName: 'OBJECT_ID',
    description: 'The id of the person that owns the object.',
    isNullable: true,
  },
  {
    ...COMMON,
    name: '_owner_collection',
    dataTypeName: 'STRING',
    description: 'The collection of the person that owns the object.',
    isNullable: true,
  },
  {
    ...COMMON,
    name: '_tenant_id',
    dataTypeName: 'TENANT_ID',
    description: 'The tenant that the object belongs to.',
    isNullable: true,
  },
  { ...TIMESTAMP, name: '_creation_time', description: 'When the object was added.' },
  { ...TIMESTAMP, name: '_modification_time', description: 'When the object was last changed.' },
  { ...TIMESTAMP, name: '_expiration_time', description: 'When the object expires.' },
] as const satisfies readonly BuiltinShape[];

export type BuiltinName = (typeof BUILTINS)[number]['name'];

const BY_NAME: ReadonlyMap<string, BuiltinShape> = new Map(BUILTINS.map((shape) => [shape.name, shape]));

/** The built-in properties of a collection created at `at`, in their fixed order. */
export function builtinProperties(at: Date): Property[] {
  return BUILTINS.map((shape) => ({ ...shape, creationTime: at, modificationTime: at }));
}

/** Whether `name` is, exactly, the name of a built-in property. */
export function isBuiltinName(name: string): name is BuiltinName {
  return BY_NAME.has(name);
}

/** Attributes of the built-in property `name`, or undefined where there is none of that name. */
export function builtinNamed(name: string): BuiltinShape | undefined {
  return BY_NAME.get(name);
}
