import { Restarts } from '../../src/workers/restarts.js';

const MINUTE = 60_000;

test('a worker that served is replaced soon, one that dies again and again ever later, for half a minute at most', () => {
  const restarts = new Restarts();
  const waits = Array.from({ length: 8 }, () => {
    restarts.started();
    return restarts.died({ wasReady: true, livedMs: 1_000 });
  });
  expect(waits).toEqual([100, 300, 900, 2_700, 8_100, 24_300, 30_000, 30_000]);
  expect(restarts.died({ wasReady: true, livedMs: MINUTE })).toBe(100);
});

test('after six deaths during the start, with none that served in between, there is no other', () => {
  const restarts = new Restarts();
  const die = (): number | null => restarts.died({ wasReady: false, livedMs: 500 });
  expect(Array.from({ length: 5 }, die)).not.toContain(null);
  restarts.started();
  expect(Array.from({ length: 5 }, die)).not.toContain(null);
  expect(die()).toBeNull();
});
