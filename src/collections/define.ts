import type { DataType } from '../data-types/data-type.js';
import { dataTypeNamed as builtinTypeNamed } from '../data-types/index.js';
import { VaultError } from '../errors.js';
import { ATTRIBUTE_REASONS, checkAttributes, checkBuiltinLine } from './attributes.js';
import type { Collection, Property, PropertyDefinition } from './collection.js';
import { NAME_REASONS, checkLengthTogether, checkPropertyName, foldName, isNameTaken } from './names.js';
import { fieldIn, readCollectionDefinition, readPropertyDefinition, refusal } from './shape.js';

/** What a definition is read against besides itself. */
export interface DefineOptions {
  /** The time given to what is new or changed. */
  readonly now: Date;
  /** The setting `db.max_string_length`. */
  readonly maxStringLength: number;
  /** Finds a data type by name; the built-in ones where absent. */
  readonly dataTypeNamed?: (name: string) => DataType | undefined;
}

/**
 * Makes a new collection of a request's definition, JSON or PVSchema. Lines that restate a built-in property are
 * checked and dropped. Whether the name is free among other collections is the store's to say: see isNameTaken.
 * @throws VaultError PV1008 for the name, PV9013 for an unknown data type, PV9004 for all else; each names the field
 */
export function defineCollection(input: unknown, options: DefineOptions): Collection {
  const { name, type, properties } = readCollectionDefinition(input);

  const own = ownLines(properties);

  return {
    name,
    type,
    properties: own.map(({ line, at }) => buildProperty(name, line, at, options)),
    creationTime: options.now,
    modificationTime: options.now,
  };
}

/**
 * Makes a new property for an existing collection of a request's definition.
 * @throws VaultError PV9003 where the name is taken, PV9013 for an unknown data type, PV9004 for all else
 */
export function defineProperty(collection: Collection, input: unknown, options: DefineOptions): Property {
  return addedProperty(collection, readPropertyDefinition(input), '', options);
}

/** defineProperty for a line that was already read and stands at `at` in its request. */
export function addedProperty(
  collection: Collection,
  line: PropertyDefinition,
  at: string,
  options: DefineOptions,
): Property {
  const taken = collection.properties.map((property) => property.name);
  if (isNameTaken(line.name, taken))
    throw new VaultError('PV9003', { field: fieldIn(at, 'name'), reason: NAME_REASONS.taken });
  return buildProperty(collection.name, line, at, options);
}

/** A line of a request's property list and where it stands there. */
export interface PlacedLine {
  readonly line: PropertyDefinition;
  readonly at: string;
}

/**
 * The lines that are not restated built-ins.
 * @throws VaultError PV9004 where a name occurs twice or a restated built-in differs
 */
export function ownLines(lines: readonly PropertyDefinition[]): PlacedLine[] {
  const seen = new Set<string>();
  const own: PlacedLine[] = [];
  for (const [i, line] of lines.entries()) {
    const at = `properties[${i}]`;
    if (seen.has(foldName(line.name))) throw refusal(fieldIn(at, 'name'), NAME_REASONS.repeated);
    seen.add(foldName(line.name));
    if (line.is_builtin) checkBuiltinLine(line, at);
    else own.push({ line, at });
  }
  return own;
}

/**
 * The data type of that name.
 * @throws VaultError PV9013
 */
export function dataTypeOrRefuse(name: string, at: string, options: DefineOptions): DataType {
  const type = (options.dataTypeNamed ?? builtinTypeNamed)(name);
  if (!type) throw new VaultError('PV9013', { field: fieldIn(at, 'data_type_name'), reason: UNKNOWN_TYPE });
  return type;
}

const UNKNOWN_TYPE = 'there is no such data type';

function buildProperty(
  collectionName: string,
  line: PropertyDefinition,
  at: string,
  options: DefineOptions,
): Property {
  checkPropertyName(line.name, fieldIn(at, 'name'));
  checkLengthTogether(collectionName, line.name, fieldIn(at, 'name'));
  if (line.is_builtin) throw refusal(fieldIn(at, 'is_builtin'), ATTRIBUTE_REASONS.notBuiltin);
  // Dropping the attribute would leave writable what the caller believes is not.
  if (line.is_readonly) throw refusal(fieldIn(at, 'is_readonly'), ATTRIBUTE_REASONS.readonly);

  const type = dataTypeOrRefuse(line.data_type_name, at, options);
  const property: Property = {
    name: line.name,
    dataTypeName: type.name,
    description: line.description ?? '',
    isEncrypted: line.is_encrypted ?? true,
    isIndex: line.is_index ?? false,
    isSubstringIndex: line.is_substring_index ?? false,
    isNullable: line.is_nullable ?? false,
    isUnique: line.is_unique ?? false,
    isBuiltin: false,
    isReadonly: false,
    creationTime: options.now,
    modificationTime: options.now,
  };
  checkAttributes(property, { type, maxStringLength: options.maxStringLength }, at);
  return property;
}
