import fc from 'fast-check';
import { MOST_PATTERN_CHARACTERS, readLikePattern } from '../../../src/operations/objects/like-pattern.js';
import { slowLike } from '../../support/slow-like.js';

const matches = (pattern: string, text: string): boolean => readLikePattern(pattern)!.matches(text);

test.each([
  ['', '', true],
  ['', 'a', false],
  ['*', '', true],
  ['*', 'anything at all', true],
  ['?', '', false],
  ['?', 'a', true],
  ['?', 'ab', false],
  ['abc', 'abc', true],
  ['abc', 'ABC', false],
  ['abc', 'xabc', false],
  ['abc', 'abcx', false],
  ['a*', 'abc', true],
  ['*c', 'abc', true],
  ['*b*', 'abc', true],
  ['a*c', 'ac', true],
  ['a**?**c', 'ac', false],
  ['a***c', 'ac', true],
  ['ab*ba', 'aba', false],
  ['*ab*ab', 'ab', false],
  ['*aab', 'aaaab', true],
  ['a?c', 'abc', true],
  ['a?c', 'ac', false],
  ['??', '\u{1F600}a', true],
  ['?', '\u{1F600}', true],
  ['\u{1F600}*', '\u{1F600}!', true],
  ['\\*', '*', true],
  ['\\*', 'a', false],
  ['\\?', '?', true],
  ['\\?', 'a', false],
  ['\\\\', '\\', true],
  ['\\\\*', '\\abc', true],
  ['\\a', '\\a', true],
  ['\\a', 'a', false],
  ['a\\', 'a\\', true],
  ['caf\u00e9', 'cafe\u0301', true],
  ['cafe\u0301', 'caf\u00e9', true],
  ['caf?', 'cafe\u0301', true],
  ['a/b*', 'a/b/c', true],
  ['*\n*', 'a\nb', true],
  ['.*', 'abc', false],
  ['[a-c]', 'b', false],
])('%j on %j is %s', (pattern, text, expected) => {
  expect(matches(pattern, text)).toBe(expected);
  expect(slowLike(pattern, text)).toBe(expected);
});

test('a pattern and a text match where an obviously correct glob says so', () => {
  const letters = fc.constantFrom('a', 'b', '*', '?', '\\', 'e\u0301', '\u00e9', '\u{1F600}', '\u{10000}');
  const text = fc.array(letters, { maxLength: 40 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, text, (pattern, value) => matches(pattern, value) === slowLike(pattern, value)),
    { numRuns: 3_000 },
  );
  const few = fc.array(fc.constantFrom('a', 'b', '*', '?'), { maxLength: 80 }).map((parts) => parts.join(''));
  const plain = fc.array(fc.constantFrom('a', 'b'), { maxLength: 100 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(few, plain, (pattern, value) => matches(pattern, value) === slowLike(pattern, value)),
    {
      numRuns: 3_000,
    },
  );
});

test('every text that matches contains the trigrams of the pattern', () => {
  const letters = fc.constantFrom('a', 'b', 'c', '*', '?', '\\');
  const text = fc.array(letters, { maxLength: 12 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 }), (pattern, value) => {
      const read = readLikePattern(pattern)!;
      const whole = value.join('');
      return !read.matches(whole) || read.trigrams.every((trigram) => whole.includes(trigram));
    }),
    { numRuns: 3_000 },
  );
});

test.each([
  ['*abc*', ['abc']],
  ['abcd', ['abc', 'bcd']],
  ['ab*cd?ef', []],
  ['a\\*b', ['a*b']],
  ['*\u{1F600}\u{1F601}\u{1F602}*', ['\u{1F600}\u{1F601}\u{1F602}']],
  ['xabc?defy*abc', ['xab', 'abc', 'def', 'efy']],
])('the trigrams of %j are %j', (pattern, trigrams) => {
  expect(readLikePattern(pattern)!.trigrams).toEqual(trigrams);
});

test('a pattern that is made to be slow is not', () => {
  const pattern = `${'*a'.repeat(100)}*b`;
  const text = 'a'.repeat(200_000);
  const started = process.cpuUsage();
  expect(matches(pattern, text)).toBe(false);
  expect(process.cpuUsage(started).user).toBeLessThan(5_000_000);
});

test('a pattern that is too long is none', () => {
  expect(readLikePattern('a'.repeat(MOST_PATTERN_CHARACTERS))).not.toBeNull();
  expect(readLikePattern('a'.repeat(MOST_PATTERN_CHARACTERS + 1))).toBeNull();
});
