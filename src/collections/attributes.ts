import type { DataType } from '../data-types/data-type.js';
import { builtinNamed } from './builtins.js';
import type { Property, PropertyDefinition } from './collection.js';
import { fieldIn, refusal } from './shape.js';

/** Past this `db.max_string_length`, a STRING is too long to be indexed (api.md section 3). */
const LONGEST_INDEXED_STRING = 2048;

export const ATTRIBUTE_REASONS = {
  index: 'the data type cannot be indexed',
  unique: 'the data type cannot be unique',
  substring: 'the data type cannot have a substring index',
  substringClear: 'only an encrypted property may have a substring index',
  readonly: 'only built-in properties are read-only',
  notBuiltin: 'there is no such built-in property',
  builtinDiffers: 'differs from the built-in property',
} as const;

/** What the checks need of a property's type: the type, and the one setting that limits STRING. */
export interface TypeRules {
  readonly type: DataType;
  readonly maxStringLength: number;
}

/**
 * Refuses attributes that the data type cannot carry; `at` is where the request has the property.
 * @throws VaultError PV9004
 */
export function checkAttributes(property: Property, rules: TypeRules, at: string): void {
  if (property.isIndex) checkIndexable(rules, at);
  // Uniqueness is kept by the blind index, and types of two or three values have none.
  if (property.isUnique && (!isIndexable(rules) || rules.type.lowEntropy))
    throw refusal(fieldIn(at, 'is_unique'), ATTRIBUTE_REASONS.unique);
  if (!property.isSubstringIndex) return;
  if (!rules.type.substringIndexable)
    throw refusal(fieldIn(at, 'is_substring_index'), ATTRIBUTE_REASONS.substring);
  if (!property.isEncrypted)
    throw refusal(fieldIn(at, 'is_substring_index'), ATTRIBUTE_REASONS.substringClear);
}

/**
 * Refuses an index on a type that cannot have one.
 * @throws VaultError PV9004
 */
export function checkIndexable(rules: TypeRules, at: string): void {
  if (!isIndexable(rules)) throw refusal(fieldIn(at, 'is_index'), ATTRIBUTE_REASONS.index);
}

function isIndexable({ type, maxStringLength }: TypeRules): boolean {
  return type.indexable && !(type.name === 'STRING' && maxStringLength > LONGEST_INDEXED_STRING);
}

/**
 * Refuses a line marked as built-in that contradicts the built-in property of that name. What the line leaves out is
 * no contradiction: older texts did not state ENCRYPTED, whose default has changed since. The description is ours.
 * @throws VaultError PV9004
 */
export function checkBuiltinLine(line: PropertyDefinition, at: string): void {
  const builtin = builtinNamed(line.name);
  if (!builtin) throw refusal(fieldIn(at, 'is_builtin'), ATTRIBUTE_REASONS.notBuiltin);

  if (line.data_type_name !== builtin.dataTypeName && !isVendorSpelling(line))
    throw refusal(fieldIn(at, 'data_type_name'), ATTRIBUTE_REASONS.builtinDiffers);
  const stated = [
    ['is_encrypted', builtin.isEncrypted],
    ['is_index', builtin.isIndex],
    ['is_substring_index', builtin.isSubstringIndex],
    ['is_nullable', builtin.isNullable],
    ['is_unique', builtin.isUnique],
    ['is_readonly', builtin.isReadonly],
  ] as const;
  for (const [attribute, value] of stated)
    if ((line[attribute] ?? value) !== value)
      throw refusal(fieldIn(at, attribute), ATTRIBUTE_REASONS.builtinDiffers);
}

/** The vendor's documentation types `_owner_collection` as OBJECT_ID; a schema copied from there must load. */
function isVendorSpelling(line: PropertyDefinition): boolean {
  return line.name === '_owner_collection' && line.data_type_name === 'OBJECT_ID';
}
