import type { Collection, Property } from '../collection.js';
import { visibleProperties } from '../present.js';
import type { PresentOptions } from '../present.js';

/**
 * A collection as PVSchema: only what differs from the defaults is printed, attributes in the canonical order of
 * api.md section 3. parsePVSchema reads it back as the same collection.
 */
export function printPVSchema(collection: Collection, options: PresentOptions = {}): string {
  const properties = visibleProperties(collection, options).map((property) => `\n  ${line(property)}`);
  const end = properties.length > 0 ? '\n' : '';
  return `${collection.name} ${collection.type} (${properties.join(',')}${end});`;
}

/** Several collections as PVSchema: their texts joined by a newline. */
export function printPVSchemas(collections: readonly Collection[], options: PresentOptions = {}): string {
  return collections.map((collection) => printPVSchema(collection, options)).join('\n');
}

function line(property: Property): string {
  const words = [property.name, property.dataTypeName];
  if (property.isUnique) words.push('UNIQUE');
  if (property.isIndex) words.push('INDEX');
  if (property.isSubstringIndex) words.push('SUBSTRING_INDEX');
  if (!property.isEncrypted) words.push('NOT ENCRYPTED');
  if (property.isNullable) words.push('NULL');
  if (property.isBuiltin) words.push('BUILTIN');
  if (property.isReadonly) words.push('READONLY');
  if (property.description !== '') words.push('COMMENT', quoted(property.description));
  return words.join(' ');
}

/** A quote is doubled inside quotes; nothing else needs escaping. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
