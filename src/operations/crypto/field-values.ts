import type { CiphertextField } from '../../crypto/index.js';
import type { JsonValue } from '../../data-types/data-type.js';
import type { KnownCollection } from '../collection-named.js';

/** A property's value in its normal form, as a ciphertext holds it. */
export type FieldValue = Pick<CiphertextField, 'form' | 'value'>;

/** Values by the names of their properties; what has no value is not there. */
export type FieldValues = ReadonlyMap<string, FieldValue>;

const BLOB = 'BLOB';

/** A value from the compact JSON of its normal form. Bytes are kept as those: base64 would make them a third longer. */
export function valueFromText(collection: KnownCollection, property: string, text: string): FieldValue {
  if (collection.own.get(property)?.baseTypeName !== BLOB) return { form: 'json', value: Buffer.from(text) };
  return { form: 'bytes', value: Buffer.from(JSON.parse(text) as string, 'base64') };
}

/** The value as the API shows it: bytes in base64. */
export function jsonOfValue({ form, value }: FieldValue): JsonValue {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.length);
  return form === 'bytes' ? bytes.toString('base64') : (JSON.parse(bytes.toString('utf8')) as JsonValue);
}

/** The compact JSON of the value's normal form: what is sealed in objects and tokens, indexed and matched. */
export function textOfValue({ form, value }: FieldValue): string {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.length);
  return form === 'bytes' ? JSON.stringify(bytes.toString('base64')) : bytes.toString('utf8');
}
