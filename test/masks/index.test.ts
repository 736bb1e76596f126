import { DATA_TYPES } from '../../src/data-types/index.js';
import { maskFor, MASKS, transformationsOf } from '../../src/masks/index.js';

const TYPE_NAMES = Object.keys(DATA_TYPES);

test.each(TYPE_NAMES)('%s has a mask', (type) => {
  expect(maskFor(type, 'mask')?.name).toBe('mask');
  expect(transformationsOf(type)).toContain('mask');
});

test('every transformation applies to built-in types only and is the one its binding finds', () => {
  for (const mask of MASKS)
    for (const type of mask.types) {
      expect(TYPE_NAMES).toContain(type);
      expect(maskFor(type, mask.name)).toBe(mask);
    }
});

test.each([
  ['SSN', ['mask']],
  ['BLOB', ['mask', 'size']],
  ['DATE_OF_BIRTH', ['age', 'age_frac', 'mask']],
  ['DATE', ['mask']],
  ['NOPE', []],
])('the transformations of %s are %j, sorted', (type, names) => {
  expect(transformationsOf(type)).toEqual(names);
});

test.each([
  ['SSN', 'token'],
  ['SSN', 'age'],
  ['SSN', ''],
  ['SSN', 'constructor'],
  ['ssn', 'mask'],
  ['', 'SSN.mask'],
])('%s has no transformation %j', (type, name) => {
  expect(maskFor(type, name)).toBeUndefined();
});

test('every transformation says in a sentence what it shows', () => {
  for (const mask of MASKS) expect(mask.description).toMatch(/^[A-Z].*\.$/);
});
