import { timeline } from '../../src/console/buckets.js';

const count = (key: string, allowed: number, denied = 0) => ({
  key,
  total: allowed + denied,
  allowed,
  masked: 0,
  denied,
  failed: 0,
});
const labels = (...keys: string[]): string[] =>
  timeline(keys.map((key) => count(key, 1))).buckets.map(({ label }) => label);

test('hours without accesses stand between those with', () => {
  expect(labels('2026-01-31T22:00:00Z', '2026-02-01T01:00:00Z')).toEqual([
    '2026-01-31T22',
    '2026-01-31T23',
    '2026-02-01T00',
    '2026-02-01T01',
  ]);
});

test('what is longer than a few days is told by day, what is longer than a season by month, with the sums', () => {
  const days = timeline([
    count('2026-01-01T05:00:00Z', 2),
    count('2026-01-01T09:00:00Z', 3, 1),
    count('2026-02-09T00:00:00Z', 1),
  ]);
  expect([days.unit, days.buckets.length]).toEqual(['day', 40]);
  expect(days.buckets[0]).toMatchObject({ label: '2026-01-01', allowed: 5, denied: 1 });
  const months = timeline([count('2025-01-31T05:00:00Z', 2), count('2026-03-31T00:00:00Z', 1)]);
  expect([months.unit, months.buckets.length, months.buckets[1]!.label]).toEqual(['month', 15, '2025-02']);
});

test('times that are none, or centuries apart, do not hang the page', () => {
  expect(timeline([]).buckets).toEqual([]);
  expect(timeline([count('never', 1)]).buckets).toEqual([]);
  expect(
    timeline([count('0001-01-01T00:00:00Z', 1), count('9999-01-01T00:00:00Z', 1)]).buckets.length,
  ).toBeLessThanOrEqual(100);
});
