import { shows, transformed } from './tables.js';

shows('TIMESTAMP.mask', [
  ['2024-11-08T15:04:05Z', '2024-11-08T15:**:**Z', 'the example'],
  ['2024-11-08T15:04:05.777225Z', '2024-11-08T15:**:**Z', 'a fraction is not hinted at'],
]);

for (const binding of ['DATE.mask', 'DATE_OF_BIRTH.mask'] as const)
  shows(binding, [['2024-11-08', '2024-**-**', 'the example']]);

const AGES: [born: string, now: string, age: number, frac: number, why: string][] = [
  ['1990-01-15', '2025-11-20T12:00:00Z', 35, 35.8, 'the example'],
  ['1990-11-20', '2025-11-19T23:59:59Z', 34, 34.9, 'the last second before a birthday'],
  ['1990-11-20', '2025-11-20T00:00:00Z', 35, 35, 'the first of a birthday'],
  ['1990-11-20', '2025-11-20T01:30:00+02:00', 34, 34.9, 'the day is that of UTC'],
  ['2000-02-29', '2025-02-28T23:59:59Z', 24, 24.9, 'born on 29 February, before the birthday'],
  ['2000-02-29', '2025-03-01T00:00:00Z', 25, 25, 'born on 29 February, a common year'],
  ['2000-02-29', '2024-02-29T00:00:00Z', 24, 24, 'born on 29 February, a leap year'],
  ['2025-11-20', '2025-11-20T12:00:00Z', 0, 0, 'born today'],
  ['2025-05-20', '2025-11-20T12:00:00Z', 0, 0.5, 'half a year'],
  ['2030-01-01', '2025-11-20T12:00:00Z', 0, 0, 'born in years to come'],
  ['2025-12-01', '2025-11-20T12:00:00Z', 0, 0, 'born later this year'],
  ['0050-01-01', '2025-01-01T00:00:00Z', 1975, 1975, 'a year below 100 is not of the 20th century'],
];
test.each(AGES)('born %s, at %s one is %d, exactly %d: %s', (born, now, age, frac) => {
  expect(transformed('DATE_OF_BIRTH.age', born, new Date(now))).toBe(age);
  expect(transformed('DATE_OF_BIRTH.age_frac', born, new Date(now))).toBe(frac);
});
