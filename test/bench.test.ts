// @ts-expect-error The bench is plain JavaScript, without declarations.
import { median, percentile, ratio } from '../bench/statistics.mjs';

test.each([
  [[3], 3],
  [[3, 1, 2], 2],
  [[4, 1, 3, 2], 2.5],
])('the median of %j is %d', (values, expected) => {
  expect(median(values)).toBe(expected);
});

test('a percentile is the smallest value that so many are not above', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
  expect([50, 99, 100].map((percent) => percentile(hundred, percent))).toEqual([50, 99, 100]);
  expect(percentile([7], 99)).toBe(7);
});

test('of nothing there is neither', () => {
  expect([median([]), percentile([], 50)]).toEqual([NaN, NaN]);
});

test('a ratio has two decimals', () => {
  expect(ratio(2, 3)).toBe(0.67);
});
