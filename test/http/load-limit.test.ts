import { LoadLimit } from '../../src/http/load-limit.js';
import { LoopDelay } from '../../src/http/loop-delay.js';

/** The limits after looks at an event loop that is so late, with so many requests under way. */
const limits = (
  limit: LoadLimit,
  looks: readonly (readonly [delayMs: number, inFlight: number])[],
): number[] =>
  looks.map(([delayMs, inFlight]) => {
    limit.look(delayMs, inFlight);
    return limit.current;
  });

test('while the event loop is late the limit comes down from what is under way, never below 64, and goes up again when it is in time', () => {
  const limit = new LoadLimit(1_000, 100);
  expect(
    limits(limit, [
      [100, 900],
      [101, 640],
      [150, 448],
      [150, 313],
      [500, 219],
      [500, 150],
    ]),
  ).toEqual([1_000, 448, 313, 219, 153, 105]);
  expect(
    limits(limit, [
      [500, 105],
      [500, 64],
      [500, 3],
    ]),
  ).toEqual([73, 73, 73]);
  expect(
    limits(
      limit,
      Array.from({ length: 31 }, () => [100, 64] as const),
    ).at(-1),
  ).toBe(1_000);
});

test('an event loop that is late for another reason than the number of requests turns nobody away', () => {
  expect(
    limits(new LoadLimit(1_000, 100), [
      [900, 2],
      [900, 2],
    ]),
  ).toEqual([1_000, 1_000]);
});

test('a limit below 64 stays what it is, and without a longest delay only the number counts', () => {
  expect(
    limits(new LoadLimit(10, 100), [
      [900, 10],
      [0, 0],
    ]),
  ).toEqual([10, 10]);
  expect(limits(new LoadLimit(1_000, 0), [[900, 640]])).toEqual([1_000]);
});

describe('the delay of a real event loop', () => {
  const delay = new LoopDelay();
  afterAll(() => delay.stop());
  const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
  const block = (ms: number): void => {
    for (const end = performance.now() + ms; performance.now() < end;);
  };

  test('is that of most turns, and every reading begins anew', async () => {
    delay.read();
    for (let i = 0; i < 4; i++) {
      await turn();
      block(60);
    }
    await turn();
    expect(delay.read()).toBeGreaterThan(30);
    expect(delay.read()).toBe(0);
  });
});
