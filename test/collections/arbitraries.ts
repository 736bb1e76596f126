import fc from 'fast-check';
import { defineCollection } from '../../src/collections/define.js';
import type { DefineOptions } from '../../src/collections/define.js';
import type { Collection, PropertyDefinition } from '../../src/collections/collection.js';
import { DATA_TYPES } from '../../src/data-types/index.js';
import type { BuiltinTypeName } from '../../src/data-types/index.js';
import { VaultError } from '../../src/errors.js';
import type { ErrorCode } from '../../src/errors.js';

export const NOW = new Date('2026-03-04T05:06:07.089Z');
export const LATER = new Date('2026-03-05T00:00:00.000Z');
export const OPTIONS: DefineOptions = { now: NOW, maxStringLength: 450 };

const letters = fc.constantFrom(...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ');
const tail = fc.stringMatching(/^[A-Za-z0-9_]{0,18}$/);

/** A name with room for the collection's beside it; words of the grammar are names like any other. */
const anyName = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(letters, tail).map((parts) => parts.join('')) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('NOT', 'COMMENT', 'PERSONS', 'DATA', 'UNIQUE', 'NULL', 'constructor'),
  },
);

/** Text with everything that could trip a reader of quotes. */
const anyDescription = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }).map((text) => text.replaceAll('\0', '').toWellFormed()),
  fc.string({
    unit: fc.constantFrom("'", '"', '\n', '\r', ',', ')', ';', '\\', 'é', '😀', ' '),
    maxLength: 20,
  }),
);

const typeNames = Object.keys(DATA_TYPES) as BuiltinTypeName[];

const anyProperty: fc.Arbitrary<PropertyDefinition> = fc
  .record({
    name: anyName,
    data_type_name: fc.constantFrom(...typeNames),
    description: anyDescription,
    is_encrypted: fc.boolean(),
    is_index: fc.boolean(),
    is_substring_index: fc.boolean(),
    is_nullable: fc.boolean(),
    is_unique: fc.boolean(),
  })
  .map((property) => {
    const type = DATA_TYPES[property.data_type_name];
    return {
      ...property,
      is_index: property.is_index && type.indexable,
      is_unique: property.is_unique && type.indexable && !type.lowEntropy,
      is_substring_index: property.is_substring_index && type.substringIndexable && property.is_encrypted,
    };
  });

/** Any collection that may be defined. */
export const anyCollection: fc.Arbitrary<Collection> = fc
  .record({
    name: anyName,
    type: fc.constantFrom('PERSONS' as const, 'DATA' as const),
    properties: fc.uniqueArray(
      anyProperty.filter((property) => property.name.toLowerCase() !== 'id'),
      { maxLength: 8, selector: (property) => property.name.toLowerCase() },
    ),
  })
  .map((definition) => defineCollection(definition, OPTIONS));

/** What `act` is refused with; fails where it is not refused, or by anything but a VaultError. */
export function refused(act: () => unknown): { code: ErrorCode } & Record<string, string> {
  try {
    act();
  } catch (error) {
    if (error instanceof VaultError) return { code: error.code, ...error.context };
    throw error;
  }
  throw new Error('was not refused');
}
