import {
  checkCollectionName,
  checkLengthTogether,
  checkPropertyName,
  isEntityName,
  isNameTaken,
} from '../../src/collections/names.js';
import { refused } from './arbitraries.js';

describe('an entity name', () => {
  test.each(['a', 'C', 'cardNumber', 'zip_code_us', 'a1', 'a_', 'x'.repeat(450)])('may be %p', (name) => {
    expect(isEntityName(name)).toBe(true);
  });

  test.each([
    '',
    '1a',
    '_a',
    'a-b',
    'a b',
    'a.b',
    'a\n',
    ' a',
    'é',
    'naïve',
    '\u212A' /* Kelvin sign, which folds to k */,
    'x'.repeat(451),
  ])('may not be %p', (name) => {
    expect(isEntityName(name)).toBe(false);
  });
});

describe('a collection name', () => {
  test('may have 40 characters and no more', () => {
    expect(() => checkCollectionName('x'.repeat(40))).not.toThrow();
    expect(refused(() => checkCollectionName('x'.repeat(41)))).toMatchObject({
      code: 'PV1008',
      field: 'name',
    });
  });

  test.each(['', '_users', 'my users', "users'; drop", 7, null, undefined, {}])('may not be %p', (name) => {
    expect(refused(() => checkCollectionName(name))).toMatchObject({ code: 'PV1008', field: 'name' });
  });
});

describe('a property name', () => {
  test.each(['ssn', 'C', 'cardNumber', 'identity', 'x'.repeat(40)])('may be %p', (name) => {
    expect(() => checkPropertyName(name, 'f')).not.toThrow();
  });

  test.each([
    ['id', 'is the name of a built-in property'],
    ['ID', 'is the name of a built-in property'],
    ['_owner_id', 'is the name of a built-in property'],
    ['_mine', 'may not begin with an underscore'],
    ['a b', 'must begin with a letter and hold only letters, digits and underscores'],
    ['', 'must begin with a letter and hold only letters, digits and underscores'],
    [3, 'must begin with a letter and hold only letters, digits and underscores'],
    ['x'.repeat(41), 'may have at most 40 characters'],
  ])('may not be %p', (name, reason) => {
    expect(refused(() => checkPropertyName(name, 'f'))).toEqual({ code: 'PV9004', field: 'f', reason });
  });
});

test('collection and property name have 40 characters together', () => {
  expect(() => checkLengthTogether('x'.repeat(30), 'y'.repeat(10), 'f')).not.toThrow();
  expect(refused(() => checkLengthTogether('x'.repeat(30), 'y'.repeat(11), 'f')).code).toBe('PV9004');
});

test('names that differ only by case collide', () => {
  expect(isNameTaken('Users', ['orders', 'users'])).toBe(true);
  expect(isNameTaken('user', ['users'])).toBe(false);
  expect(isNameTaken('users', [])).toBe(false);
});
