import { defineCollection } from '../../src/collections/define.js';
import { DATA_TYPES } from '../../src/data-types/index.js';
import { OPTIONS, refused } from './arbitraries.js';

const define = (properties: unknown, name = 'users'): ReturnType<typeof defineCollection> =>
  defineCollection({ name, type: 'PERSONS', properties }, OPTIONS);
const one = (attributes: object): object => ({ name: 'p', data_type_name: 'STRING', ...attributes });

describe('which types carry which index', () => {
  // api.md section 3, written out: the data types' own flags are judged here too.
  const NO_INDEX = ['LONG_TEXT', 'JSON', 'BLOB'];
  const SUBSTRING =
    'STRING LONG_TEXT EMAIL EMAIL_STRICT URL NAME GENDER BAN SSN ADDRESS CC_HOLDER_NAME US_BANK_ROUTING US_BANK_ACCOUNT_NUMBER'.split(
      ' ',
    );

  test.each(Object.keys(DATA_TYPES))('%s', (data_type_name) => {
    const isAccepted = (attributes: object): boolean => {
      try {
        define([one({ data_type_name, ...attributes })]);
        return true;
      } catch {
        return false;
      }
    };
    expect(isAccepted({ is_index: true })).toBe(!NO_INDEX.includes(data_type_name));
    // Of two or three values nothing is unique, and no blind index is built that could enforce it.
    const unique = ![...NO_INDEX, 'BOOLEAN', 'GENDER'].includes(data_type_name);
    expect(isAccepted({ is_unique: true })).toBe(unique);
    expect(isAccepted({ is_substring_index: true })).toBe(SUBSTRING.includes(data_type_name));
  });

  test('STRING has none where strings may be longer than 2048', () => {
    const wide = { ...OPTIONS, maxStringLength: 2049 };
    const define1 = (line: object): unknown =>
      defineCollection({ name: 'u', type: 'DATA', properties: [line] }, wide);
    expect(refused(() => define1(one({ is_index: true }))).field).toBe('properties[0].is_index');
    expect(refused(() => define1(one({ is_unique: true }))).field).toBe('properties[0].is_unique');
    expect(() => define1(one({ is_substring_index: true }))).not.toThrow();
    expect(() => define1(one({ is_index: true, data_type_name: 'NAME' }))).not.toThrow();
  });

  test('a custom type is found where the caller knows it', () => {
    const custom = { ...DATA_TYPES.STRING, name: 'SHIRT_SIZE', indexable: false };
    const options = {
      ...OPTIONS,
      dataTypeNamed: (name: string) => (name === custom.name ? custom : undefined),
    };
    const define1 = (line: object): unknown =>
      defineCollection({ name: 'u', type: 'DATA', properties: [line] }, options);
    expect(() => define1(one({ data_type_name: 'SHIRT_SIZE' }))).not.toThrow();
    expect(refused(() => define1(one({ data_type_name: 'SHIRT_SIZE', is_index: true }))).code).toBe('PV9004');
  });
});
