import { FailedAttempts } from '../../src/http/failed-attempts.js';

let now: number;
const production = (): FailedAttempts => new FailedAttempts(false, () => now);

beforeEach(() => {
  now = 1_000_000;
});

const failTimes = (
  attempts: FailedAttempts,
  times: number,
  source = 'a',
  key: string | null = 'Admin',
): number[] => Array.from({ length: times }, () => attempts.fail(source, key));

test('five wrong keys are answered as such, then the source waits', () => {
  const attempts = production();
  expect(failTimes(attempts, 5)).toEqual([0, 0, 0, 0, 0]);
  expect(attempts.mustWait('a', 'Admin')).toBe(true);
  expect(attempts.fail('a', 'Admin')).toBe(1);
});

test('every further failure doubles the wait, up to fifteen minutes', () => {
  const attempts = production();
  failTimes(attempts, 5);
  const waits = Array.from({ length: 12 }, () => {
    const seconds = attempts.fail('a', 'Admin');
    now += seconds * 1_000;
    attempts.fail('a', 'Admin');
    return seconds;
  });
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
});

test('attempts made while waiting do not prolong the wait', () => {
  const attempts = production();
  failTimes(attempts, 100);
  now += 1_000;
  expect(attempts.mustWait('a', 'Admin')).toBe(false);
});

test('a source that never failed does not wait, even while the key is under attack from elsewhere', () => {
  const attempts = production();
  failTimes(attempts, 5);
  expect(attempts.mustWait('b', 'Admin')).toBe(false);
});

test('while a key is under attack another source has one attempt instead of five', () => {
  const attempts = production();
  failTimes(attempts, 5);
  expect(attempts.fail('b', 'Admin')).toBe(1);
  expect(attempts.mustWait('b', 'Admin')).toBe(true);
  expect(attempts.mustWait('b', 'other')).toBe(false);
});

test('the right key clears the failures of its source and no others', () => {
  const attempts = production();
  for (let i = 0; i < 3; i++) {
    expect(failTimes(attempts, 4)).toEqual([0, 0, 0, 0]);
    attempts.forgive('a', 'Admin');
  }
  failTimes(attempts, 5, 'attacker');
  attempts.forgive('a', 'Admin');
  expect(attempts.mustWait('attacker', 'Admin')).toBe(true);
});

test('an hour without a failure and all is forgotten', () => {
  const attempts = production();
  failTimes(attempts, 50);
  now += 60 * 60_000 + 1_000;
  expect(failTimes(attempts, 4)).toEqual([0, 0, 0, 0]);
  expect(attempts.mustWait('a', 'x')).toBe(false);
});

test('in development nobody waits longer than a second', () => {
  const attempts = new FailedAttempts(true, () => now);
  for (let i = 0; i < 100; i++) {
    expect(attempts.fail('a', 'Admin')).toBeLessThanOrEqual(1);
    now += 1_000;
  }
});

test('sources without number do not fill the memory', () => {
  const attempts = production();
  for (let i = 0; i < 100_000; i++) attempts.fail(`source${i}`, null);
  expect(attempts.remembered).toBeLessThanOrEqual(20_000);
});

test('what processes of one address tell each other counts for all of them', () => {
  const [one, other] = [production(), production()];
  one.onAttempt = (attempt) => other.learn(attempt);
  other.onAttempt = (attempt) => one.learn(attempt);
  failTimes(one, 3);
  failTimes(other, 2);
  for (const each of [one, other]) {
    expect(each.mustWait('a', 'Admin')).toBe(true);
    expect(each.fail('a', 'Admin')).toBe(1);
  }
  now += 1_000;
  other.forgive('a', 'Admin');
  for (const each of [one, other]) {
    expect(failTimes(each, 1)).toEqual([0]);
    expect(each.mustWait('a', 'Admin')).toBe(false);
  }
});
