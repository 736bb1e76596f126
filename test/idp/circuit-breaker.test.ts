import fc from 'fast-check';
import { CircuitBreaker } from '../../src/idp/bundles/circuit-breaker.js';

interface Timed {
  readonly breaker: CircuitBreaker;
  clock: number;
}

/** A breaker whose clock a test sets. */
function at(): Timed {
  const timed: Timed = { breaker: new CircuitBreaker((): number => timed.clock), clock: 0 };
  return timed;
}

function fail(breaker: CircuitBreaker, times: number): void {
  for (let i = 0; i < times; i++) {
    expect(breaker.allows()).toBe(true);
    breaker.failed();
  }
}

test('five failures within ten seconds close the way for five, then one at a time may try', () => {
  const timed = at();
  fail(timed.breaker, 4);
  timed.clock = 10_001;
  fail(timed.breaker, 4);
  expect(timed.breaker.allows()).toBe(true);
  timed.breaker.failed();
  timed.clock += 4_999;
  expect(timed.breaker.allows()).toBe(false);
  timed.clock += 1;
  expect([timed.breaker.allows(), timed.breaker.allows()]).toEqual([true, false]);
  timed.breaker.failed();
  expect(timed.breaker.allows()).toBe(false);
  timed.clock += 5_000;
  expect(timed.breaker.allows()).toBe(true);
  timed.breaker.succeeded();
  expect([timed.breaker.allows(), timed.breaker.allows()]).toEqual([true, true]);
});

test('whatever happened, a vault that answers again is asked again by everybody after one login', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ wait: fc.nat(20_000), fails: fc.boolean() })), (past) => {
      const timed = at();
      for (const { wait, fails } of past) {
        timed.clock += wait;
        if (timed.breaker.allows()) timed.breaker[fails ? 'failed' : 'succeeded']();
      }
      timed.clock += 5_000;
      expect(timed.breaker.allows()).toBe(true);
      timed.breaker.succeeded();
      expect([timed.breaker.allows(), timed.breaker.allows()]).toEqual([true, true]);
    }),
  );
});
