import { presentCollection, presentProperty, presentTime } from '../../src/collections/present.js';
import { defineCollection } from '../../src/collections/define.js';
import { OPTIONS } from './arbitraries.js';

const users = defineCollection(
  { name: 'users', type: 'PERSONS', properties: [{ name: 'ssn', data_type_name: 'SSN', is_unique: true }] },
  OPTIONS,
);

const SSN = {
  name: 'ssn',
  data_type_name: 'SSN',
  description: '',
  is_encrypted: true,
  is_index: false,
  is_substring_index: false,
  is_nullable: false,
  is_unique: true,
  is_builtin: false,
  is_readonly: false,
  creation_time: '2026-03-04T05:06:07.089Z',
  modification_time: '2026-03-04T05:06:07.089Z',
};

test('a collection shows exactly the fields of the contract', () => {
  expect(presentCollection(users)).toEqual({
    name: 'users',
    type: 'PERSONS',
    properties: [SSN],
    creation_time: '2026-03-04T05:06:07.089Z',
    modification_time: '2026-03-04T05:06:07.089Z',
  });
});

test("a store's own fields do not slip out", () => {
  const row = { ...users, id: 7, properties: users.properties.map((property) => ({ ...property, id: 8 })) };
  expect(presentCollection(row)).toEqual(presentCollection(users));
  expect(presentProperty(row.properties[0]!)).toEqual(SSN);
});

test('built-in properties are shown only when asked for, and first', () => {
  const names = presentCollection(users, { showBuiltins: true }).properties.map((property) => property.name);
  expect(names).toEqual([
    'id',
    '_owner_id',
    '_owner_collection',
    '_tenant_id',
    '_creation_time',
    '_modification_time',
    '_expiration_time',
    'ssn',
  ]);
  expect(presentCollection(users, { showBuiltins: false })).toEqual(presentCollection(users));
});

test('a time is never shown later than it is', () => {
  expect(presentTime(new Date(1_700_000_000_123.999))).toBe('2023-11-14T22:13:20.123Z');
  expect(presentTime(new Date('2022-12-01T10:04:42.777999Z'))).toBe('2022-12-01T10:04:42.777Z');
});
