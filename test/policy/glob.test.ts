import fc from 'fast-check';
import { compileGlob } from '../../src/policy/glob.js';
import { slowGlob } from './oracle.js';

describe('compileGlob', () => {
  it.each([
    ['ssn', 'ssn', true],
    ['ssn', 'ssn.mask', false], // no star, no run
    ['ssn', 'SSN', false], // case counts
    ['*', '', true], // a run may be empty
    ['ssn*', 'ssn.mask', true], // the dot is a character like others
    ['*.mask', 'ssn.mask', true],
    ['_*', '_tenant_id', true],
    ['ab*ba', 'aba', false], // head and tail do not share characters
    ['a*a*a', 'aa', false],
    ['a*b*c', 'acb', false], // order counts
    ['*bc*bc*', 'abc', false], // a part is used once
    ['a.c', 'abc', false], // nothing else is special
    ['(a+)+$', 'aaa', false],
  ])('%s on %s is %s', (pattern, text, expected) => {
    expect(compileGlob(pattern)(text)).toBe(expected);
  });

  it('agrees with trying every possibility', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 8 });
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '*'), maxLength: 8 });
    let matched = 0;
    fc.assert(
      fc.property(pattern, letters, (glob, text) => {
        const expected = slowGlob(glob, text);
        if (expected) matched += 1;
        expect(compileGlob(glob)(text)).toBe(expected);
      }),
      { numRuns: 5_000 },
    );
    expect(matched).toBeGreaterThan(200);
  });

  it('is not slowed down by a pattern made to backtrack', () => {
    const started = performance.now();
    expect(compileGlob('a*'.repeat(225) + 'b')('a'.repeat(450))).toBe(false);
    expect(compileGlob('*a'.repeat(225) + '*b*')('a'.repeat(450))).toBe(false);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
