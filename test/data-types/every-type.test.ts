import fc from 'fast-check';
import type { DataType } from '../../src/data-types/data-type.js';
import { DATA_TYPES, type BuiltinTypeName } from '../../src/data-types/index.js';
import { acceptedBy } from './samples.js';
import { LIMITS } from './tables.js';

const TYPES = Object.entries(DATA_TYPES) as [BuiltinTypeName, DataType][];
const anything = fc.oneof(
  fc.jsonValue(),
  fc.anything(),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('\ud83d', '\udde5', '\0', 'a', '1', '-', '/', '@', '.', ':', ' ') }),
);

describe.each(TYPES)('%s', (name, type) => {
  test('never throws, and what it accepts is its own normal form the second time', () => {
    fc.assert(
      fc.property(fc.oneof(anything, acceptedBy(name)), (value) => {
        const first = type.normalise(value, LIMITS);
        if (first.ok) expect(type.normalise(first.value, LIMITS)).toEqual(first);
      }),
      { numRuns: 150 },
    );
  });

  test('accepts what it is made for', () => {
    fc.assert(
      fc.property(acceptedBy(name), (value) => {
        expect(type.normalise(value, LIMITS).ok).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  test('never quotes the value in its reason', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 12 }), (text) => {
        const result = type.normalise(text, LIMITS);
        if (!result.ok) expect(result.reason).not.toContain(text);
      }),
      { numRuns: 50 },
    );
  });

  test('survives JSON: a normal form written and read again is the same', () => {
    fc.assert(
      fc.property(acceptedBy(name), (value) => {
        const result = type.normalise(value, LIMITS);
        if (result.ok) expect(JSON.parse(JSON.stringify(result.value))).toEqual(result.value);
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    ['digits', '1'],
    ['letters and dots', 'a.'],
    ['spaces', ' '],
    ['dashes', '-'],
    ['slashes', '/'],
    ['at signs', '@'],
    ['quotes and backslashes', '"\\'],
    ['base64', 'AAAA'],
  ])('decides on a megabyte of %s in linear time', (_what, unit) => {
    const text = unit.repeat(1_000_000 / unit.length);
    const limits = { ...LIMITS, maxStringLength: 2_000_000 };
    const start = performance.now();
    for (const candidate of [text, `${text}!`, `a@${text}`, `https://${text}`])
      type.normalise(candidate, limits);
    // Quadratic work on a million characters takes minutes; this leaves room for a busy machine.
    expect(performance.now() - start).toBeLessThan(2_000);
  });
});
