import { defineCollection, defineProperty } from '../../src/collections/define.js';
import { presentCollection } from '../../src/collections/present.js';
import { NOW, OPTIONS, refused } from './arbitraries.js';

const define = (properties: unknown, name = 'users'): ReturnType<typeof defineCollection> =>
  defineCollection({ name, type: 'PERSONS', properties }, OPTIONS);
const one = (attributes: object): object => ({ name: 'p', data_type_name: 'STRING', ...attributes });

describe('a new collection', () => {
  test('has every attribute spelled out, by the defaults of 1.x', () => {
    expect(define([{ name: 'ssn', data_type_name: 'SSN' }])).toEqual({
      name: 'users',
      type: 'PERSONS',
      creationTime: NOW,
      modificationTime: NOW,
      properties: [
        {
          name: 'ssn',
          dataTypeName: 'SSN',
          description: '',
          isEncrypted: true,
          isIndex: false,
          isSubstringIndex: false,
          isNullable: false,
          isUnique: false,
          isBuiltin: false,
          isReadonly: false,
          creationTime: NOW,
          modificationTime: NOW,
        },
      ],
    });
  });

  test('takes over what the request states', () => {
    const [property] = define([
      one({
        description: 'd',
        is_encrypted: true,
        is_index: true,
        is_substring_index: true,
        is_nullable: true,
        is_unique: true,
      }),
    ]).properties;
    expect(property).toMatchObject({
      description: 'd',
      isEncrypted: true,
      isIndex: true,
      isSubstringIndex: true,
      isNullable: true,
      isUnique: true,
    });
  });

  test('may have no properties', () => {
    expect(define([]).properties).toEqual([]);
  });

  test('ignores times and attributes it does not know, and null', () => {
    const collection = define([one({ creation_time: 'x', pii: 1, description: null, is_index: null })]);
    expect(collection.properties).toEqual(define([one({})]).properties);
  });

  test('may restate the built-in properties as they are, which are not kept', () => {
    const shown = presentCollection(define([one({})]), { showBuiltins: true });
    expect(defineCollection(shown, OPTIONS)).toEqual(define([one({})]));
    expect(shown.properties).toHaveLength(8);
    expect(define([{ name: 'id', data_type_name: 'OBJECT_ID', is_builtin: true }]).properties).toEqual([]);
    expect(
      define([{ name: '_owner_collection', data_type_name: 'OBJECT_ID', is_builtin: true }]).properties,
    ).toEqual([]);
  });
});

describe('a definition is refused', () => {
  test.each([
    [
      { name: 'a b', type: 'DATA', properties: [] },
      { code: 'PV1008', field: 'name' },
    ],
    [
      { type: 'DATA', properties: [] },
      { code: 'PV1008', field: 'name' },
    ],
    [
      { name: 'a', type: 'THINGS', properties: [] },
      { code: 'PV9004', field: 'type' },
    ],
    [
      { name: 'a', type: 'DATA' },
      { code: 'PV9004', field: 'properties' },
    ],
    [
      { name: 'a', type: 'DATA', properties: [7] },
      { code: 'PV9004', field: 'properties[0]' },
    ],
    [null, { code: 'PV9004', field: 'body' }],
    [[], { code: 'PV9004', field: 'body' }],
    ['a DATA ()', { code: 'PV9004', field: 'body' }],
  ])('%j', (input, expected) => {
    expect(refused(() => defineCollection(input, OPTIONS))).toMatchObject(expected);
  });

  const string = { data_type_name: 'STRING' };
  test.each([
    ['a name of two words', { name: 'a b' }, 'PV9004', 'name'],
    ['an underscore first', { name: '_a' }, 'PV9004', 'name'],
    ['the name id', { name: 'id' }, 'PV9004', 'name'],
    ['a name too long beside the collection', { name: 'x'.repeat(36) }, 'PV9004', 'name'],
    ['no name', { name: undefined }, 'PV9004', 'name'],
    ['no type', { data_type_name: undefined }, 'PV9004', 'data_type_name'],
    ['an unknown type', { data_type_name: 'SSN2' }, 'PV9013', 'data_type_name'],
    ['a type of another case', { data_type_name: 'ssn' }, 'PV9013', 'data_type_name'],
    ['a type that every object has', { data_type_name: 'constructor' }, 'PV9013', 'data_type_name'],
    ['an array type of 0.9', { data_type_name: 'EMAIL[]' }, 'PV9013', 'data_type_name'],
    ['a flag that is text', { is_index: 'true' }, 'PV9004', 'is_index'],
    ['a description that is no text', { description: 1 }, 'PV9004', 'description'],
    ['NUL in the description', { description: 'a\0b' }, 'PV9004', 'description'],
    ['half a character in the description', { description: '\ud800' }, 'PV9004', 'description'],
    ['read-only', { is_readonly: true }, 'PV9004', 'is_readonly'],
    ['built-in that is none', { is_builtin: true }, 'PV9004', 'is_builtin'],
    ['index on JSON', { data_type_name: 'JSON', is_index: true }, 'PV9004', 'is_index'],
    ['unique LONG_TEXT', { data_type_name: 'LONG_TEXT', is_unique: true }, 'PV9004', 'is_unique'],
    ['index on BLOB', { data_type_name: 'BLOB', is_index: true }, 'PV9004', 'is_index'],
    [
      'substring index on JSON',
      { data_type_name: 'JSON', is_substring_index: true },
      'PV9004',
      'is_substring_index',
    ],
    [
      'substring index in clear',
      { is_substring_index: true, is_encrypted: false },
      'PV9004',
      'is_substring_index',
    ],
  ])('%s', (_what, attributes, code, attribute) => {
    const bad = { name: 'p', ...string, ...attributes };
    const error = refused(() => define([{ name: 'fine', ...string }, bad]));
    expect(error).toMatchObject({ code, field: `properties[1].${attribute}` });
    expect(typeof error.reason).toBe('string');
  });

  test.each([
    [{ is_encrypted: true }, 'is_encrypted'],
    [{ is_unique: false }, 'is_unique'],
    [{ is_index: false }, 'is_index'],
    [{ is_nullable: true }, 'is_nullable'],
    [{ is_readonly: false }, 'is_readonly'],
    [{ is_substring_index: true }, 'is_substring_index'],
    [{ data_type_name: 'STRING' }, 'data_type_name'],
  ])('a built-in restated with %j', (other, attribute) => {
    const line = { name: 'id', data_type_name: 'OBJECT_ID', is_builtin: true, ...other };
    expect(refused(() => define([line]))).toMatchObject({
      code: 'PV9004',
      field: `properties[0].${attribute}`,
    });
  });

  test('a name twice, be it in another case', () => {
    expect(refused(() => define([one({}), one({ name: 'P' })]))).toMatchObject({
      code: 'PV9004',
      field: 'properties[1].name',
    });
  });

  test('without quoting its free text', () => {
    const secret = 'canary-4711';
    const bad = [
      one({ description: secret, is_index: secret }),
      one({ name: secret }),
      one({ data_type_name: secret }),
    ];
    for (const line of bad) expect(JSON.stringify(refused(() => define([line])))).not.toContain(secret);
  });
});

describe('a new property of a collection', () => {
  const users = define([one({ name: 'ssn' })]);

  test('is built as in a new collection', () => {
    expect(defineProperty(users, one({}), OPTIONS)).toEqual(define([one({})]).properties[0]);
  });

  test.each(['ssn', 'SSN'])('may not be called %s beside ssn', (name) => {
    expect(refused(() => defineProperty(users, one({ name }), OPTIONS))).toMatchObject({
      code: 'PV9003',
      field: 'name',
    });
  });

  test.each([
    [{ name: 'id' }, 'name'],
    [{ is_builtin: true }, 'is_builtin'],
    [{ name: 'x'.repeat(36) }, 'name'],
    [{ is_index: true, data_type_name: 'JSON' }, 'is_index'],
  ])('is refused with %j', (attributes, field) => {
    expect(refused(() => defineProperty(users, one(attributes), OPTIONS))).toMatchObject({
      code: 'PV9004',
      field,
    });
  });
});
