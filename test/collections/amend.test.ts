import fc from 'fast-check';
import { amendCollection, amendProperty } from '../../src/collections/amend.js';
import { builtinProperties } from '../../src/collections/builtins.js';
import { defineCollection } from '../../src/collections/define.js';
import { parsePVSchemaCollection } from '../../src/collections/pvschema/parse.js';
import { presentCollection } from '../../src/collections/present.js';
import { LATER, NOW, OPTIONS, anyCollection, refused } from './arbitraries.js';

const LATE = { ...OPTIONS, now: LATER };

function collectionOf(attributes: object): ReturnType<typeof defineCollection> {
  const properties = [{ name: 'p', data_type_name: 'STRING', description: 'old', ...attributes }];
  return defineCollection({ name: 'users', type: 'PERSONS', properties }, OPTIONS);
}

function patch(attributes: object, request: object): ReturnType<typeof amendCollection> {
  const properties = [{ name: 'p', data_type_name: 'STRING', ...request }];
  return amendCollection(collectionOf(attributes), { name: 'users', type: 'PERSONS', properties }, LATE);
}

const ALLOWED: [object, object, object][] = [
  [{}, { description: 'new' }, { description: 'new' }],
  [{}, { description: '' }, { description: '' }],
  [{ is_unique: true }, { is_unique: false }, { isUnique: false }],
  [{ is_substring_index: true }, { is_substring_index: false }, { isSubstringIndex: false }],
  [{ is_nullable: false }, { is_nullable: true }, { isNullable: true }],
  [{ is_index: false }, { is_index: true }, { isIndex: true }],
  [{ is_index: true }, { is_index: false }, { isIndex: false }],
];

const CLOSED: [object, object, string][] = [
  [{ is_unique: false }, { is_unique: true }, 'is_unique'],
  [{ is_substring_index: false }, { is_substring_index: true }, 'is_substring_index'],
  [{ is_nullable: true }, { is_nullable: false }, 'is_nullable'],
];

describe('PATCH of a collection', () => {
  test.each(ALLOWED)('%j becomes by %j', (attributes, request, expected) => {
    const [before] = collectionOf(attributes).properties;
    expect(patch(attributes, request)).toEqual({
      added: [],
      changed: [{ ...before, ...expected, modificationTime: LATER }],
    });
  });

  test.each(CLOSED)('%j is not changed by %j', (attributes, request) => {
    expect(patch(attributes, request)).toEqual({ added: [], changed: [] });
  });

  test.each([
    { data_type_name: 'SSN' },
    { is_encrypted: false },
    { is_readonly: true },
    { data_type_name: 'NONE' },
  ])('ignores %j on a property that exists', (request) => {
    expect(patch({}, request)).toEqual({ added: [], changed: [] });
  });

  test('leaves alone what the request does not state', () => {
    expect(patch({ is_unique: true, is_index: true, is_substring_index: true }, {})).toEqual({
      added: [],
      changed: [],
    });
  });

  test('leaves alone what PVSchema does not state, and takes NOT', () => {
    const users = collectionOf({ is_unique: true, is_index: true });
    const amend = (text: string): unknown => amendCollection(users, parsePVSchemaCollection(text), LATE);
    expect(amend('users PERSONS ( p STRING );')).toEqual({ added: [], changed: [] });
    expect(amend('users PERSONS ( p STRING NOT UNIQUE );')).toMatchObject({
      changed: [{ isUnique: false, isIndex: true }],
    });
  });

  test('adds what is new, of one property or several, and removes nothing', () => {
    const properties = [{ name: 'q', data_type_name: 'SSN' }];
    const { added, changed } = amendCollection(
      collectionOf({}),
      { name: 'users', type: 'PERSONS', properties },
      LATE,
    );
    expect(changed).toEqual([]);
    expect(added).toMatchObject([{ name: 'q', dataTypeName: 'SSN', isEncrypted: true, creationTime: LATER }]);
  });

  test("ignores another type of the collection and keeps the store's ids", () => {
    const users = collectionOf({});
    const rows = { ...users, properties: users.properties.map((property) => ({ ...property, id: 42 })) };
    const properties = [{ name: 'p', data_type_name: 'STRING', description: 'new' }];
    const { changed } = amendCollection(rows, { name: 'users', type: 'DATA', properties }, LATE);
    expect(changed.map((property) => [property.id, property.creationTime])).toEqual([[42, NOW]]);
  });

  test('a collection sent back as it was shown changes nothing', () => {
    fc.assert(
      fc.property(anyCollection, fc.boolean(), (collection, showBuiltins) => {
        const shown = presentCollection(collection, { showBuiltins });
        expect(amendCollection(collection, shown, LATE)).toEqual({ added: [], changed: [] });
      }),
    );
  });

  test.each([
    [{ name: 'other', type: 'DATA', properties: [] }, 'PV1008', 'name'],
    [{ name: 'Users', type: 'DATA', properties: [] }, 'PV1008', 'name'],
    [
      { name: 'users', type: 'DATA', properties: [{ name: 'P', data_type_name: 'SSN' }] },
      'PV9003',
      'properties[0].name',
    ],
    [
      { name: 'users', type: 'DATA', properties: [{ name: 'q', data_type_name: 'X' }] },
      'PV9013',
      'properties[0].data_type_name',
    ],
    [
      { name: 'users', type: 'DATA', properties: [{ name: '_q', data_type_name: 'SSN' }] },
      'PV9004',
      'properties[0].name',
    ],
    [
      { name: 'users', type: 'DATA', properties: [{ name: 'id', data_type_name: 'SSN', is_builtin: true }] },
      'PV9004',
      'properties[0].data_type_name',
    ],
  ])('is refused for %j', (request, code, field) => {
    expect(refused(() => amendCollection(collectionOf({}), request, LATE))).toMatchObject({ code, field });
  });

  test('an index on a type that has none is refused', () => {
    const error = refused(() => patch({ data_type_name: 'JSON' }, { is_index: true }));
    expect(error).toMatchObject({ code: 'PV9004', field: 'properties[0].is_index' });
  });
});

describe('PATCH of a property', () => {
  const amend = (attributes: object, request: unknown): unknown =>
    amendProperty(collectionOf(attributes).properties[0]!, request, LATE);

  test.each(ALLOWED)('%j becomes by %j', (attributes, request, expected) => {
    const [before] = collectionOf(attributes).properties;
    expect(amend(attributes, { description: 'old', ...request })).toEqual({
      ...before,
      ...expected,
      modificationTime: LATER,
    });
  });

  test.each(CLOSED)('%j is refused %j', (attributes, request, field) => {
    expect(refused(() => amend(attributes, request))).toMatchObject({ code: 'PV9004', field });
  });

  test('a missing description clears it', () => {
    expect(amend({}, {})).toMatchObject({ description: '', modificationTime: LATER });
    expect(amend({}, { is_nullable: true })).toMatchObject({ description: '', isNullable: true });
  });

  test('restating what is there is no change, whatever the direction', () => {
    const [property] = collectionOf({ is_unique: true, is_nullable: true }).properties;
    const request = {
      description: 'old',
      is_unique: true,
      is_nullable: true,
      is_substring_index: false,
      is_index: false,
    };
    expect(amendProperty(property!, request, LATE)).toBe(property);
  });

  test('attributes that cannot be updated are ignored', () => {
    const request = { description: 'old', data_type_name: 'SSN', is_encrypted: false, name: 'q' };
    expect(amend({}, request)).toEqual(collectionOf({}).properties[0]);
  });

  test('an index on a type that has none is refused', () => {
    const error = refused(() => amend({ data_type_name: 'JSON' }, { is_index: true }));
    expect(error).toMatchObject({ code: 'PV9004', field: 'is_index' });
  });

  test('a built-in property cannot be changed', () => {
    for (const property of builtinProperties(NOW))
      expect(refused(() => amendProperty(property, { description: 'x' }, LATE)).code).toBe('PV9004');
  });

  test.each([null, [], 'x', { is_index: 'yes' }, { description: 7 }])('%j is refused', (request) => {
    expect(refused(() => amend({}, request)).code).toBe('PV9004');
  });
});
