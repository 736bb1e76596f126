import { LeasedCounts } from '../../src/http/leased-counts.js';
import { SharedLimits } from '../../src/workers/shared-limits.js';

let now: number;
let asked: number;
beforeEach(() => {
  now = 1_000;
  asked = 0;
});

/** So many workers that count against one limit. */
function workers(count: number, limit: number): { pass(worker: number, key?: string): Promise<boolean> } {
  const limits = new SharedLimits({ address: limit, client: 0 }, count, () => now);
  const ask = async (key: string) => {
    asked += 1;
    return limits.lease('address', key);
  };
  const counts = Array.from({ length: count }, () => new LeasedCounts(limit, ask, () => now));
  return {
    pass: async (worker, key = 'a') => (await counts[worker]!.increment(key)).totalHits <= limit,
  };
}

test.each([1, 3, 100, 5_000])(
  'a limit of %d holds for four workers together, however requests are spread, and one that all come to may nearly use it up',
  async (limit) => {
    const spread = workers(4, limit);
    let passed = 0;
    for (let i = 0; i < limit + 50; i++) if (await spread.pass(i % 4)) passed += 1;
    expect(passed).toBe(limit);

    const uneven = workers(4, limit);
    for (let worker = 1; worker < 4; worker++) await uneven.pass(worker, 'b');
    passed = 0;
    for (let i = 0; i < limit + 50; i++) if (await uneven.pass(0, 'b')) passed += 1;
    expect(passed).toBeLessThanOrEqual(Math.max(0, limit - 3));
    expect(passed).toBeGreaterThanOrEqual(Math.max(0, limit - 3) * (15 / 16) - 3);
  },
);

test('most requests ask nobody, those beyond the limit included', async () => {
  const { pass } = workers(2, 10_000);
  for (let i = 0; i < 20_000; i++) await pass(i % 2);
  expect(asked).toBeLessThan(500);
});

test('requests that come at once share a question, and pass no more often than allowed', async () => {
  const { pass } = workers(2, 5);
  const passed = await Promise.all(Array.from({ length: 50 }, (_, i) => pass(i % 2)));
  expect(passed.filter(Boolean)).toHaveLength(5);
});

test('a minute later everything begins anew, and keys have nothing to do with each other', async () => {
  const { pass } = workers(2, 1);
  expect([await pass(0), await pass(1), await pass(1, 'b')]).toEqual([true, false, true]);
  now += 59_999;
  expect(await pass(1)).toBe(false);
  now += 1;
  expect([await pass(1), await pass(0)]).toEqual([true, false]);
});

test('a question that fails is asked again by the next request', async () => {
  let fails = true;
  const counts = new LeasedCounts(1, async () => {
    if (fails) throw new Error('the line is cut');
    return { permits: 1, given: 1, resetMs: 1_000 };
  });
  await expect(counts.increment('a')).rejects.toThrow('cut');
  fails = false;
  expect((await counts.increment('a')).totalHits).toBe(1);
});
