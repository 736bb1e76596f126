import fc from 'fast-check';
import { Batches } from '../../src/store/batches.js';

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

test('what is asked in one turn is one piece of work', async () => {
  const batches: number[][] = [];
  const doubled = new Batches<number, number>(async (items) => {
    batches.push([...items]);
    return items.map((item) => 2 * item);
  }, 10);

  expect(await Promise.all([1, 2, 3].map((item) => doubled.add(item)))).toEqual([2, 4, 6]);
  expect(batches).toEqual([[1, 2, 3]]);
});

test('what is asked while a batch is on its way waits for the next one', async () => {
  const batches: number[][] = [];
  let finish = (): void => undefined;
  const slow = new Batches<number, number>(async (items) => {
    batches.push([...items]);
    await new Promise<void>((resolve) => (finish = resolve));
    return items;
  }, 10);

  const first = slow.add(1);
  await turn();
  const later = [slow.add(2), slow.add(3)];
  await turn();
  expect(batches).toEqual([[1]]);

  finish();
  await first;
  await turn();
  finish();
  await Promise.all(later);
  expect(batches).toEqual([[1], [2, 3]]);
});

test('a batch that fails fails for its items only, and the next one is done', async () => {
  const odd = new Batches<number, number>(async (items) => {
    if (items.includes(13)) throw new Error('thirteen');
    return items;
  }, 1);
  const results = await Promise.allSettled([1, 13, 2].map((item) => odd.add(item)));
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(await odd.add(4)).toBe(4);
});

test('a promise among the results settles for its item alone', async () => {
  const batches = new Batches<number, number>(
    async (items) => items.map((item) => (item < 0 ? Promise.reject(new RangeError()) : item)),
    10,
  );
  const results = await Promise.allSettled([1, -1, 2].map((item) => batches.add(item)));
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

test('everybody gets the result of his own item, whatever the timing and the size of batches', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ item: fc.integer(), turns: fc.nat(3) }), { maxLength: 30 }),
      fc.integer({ min: 1, max: 5 }),
      fc.nat(2),
      async (asked, most, turnsOfWork) => {
        const batches = new Batches<number, string>(async (items) => {
          expect(items.length).toBeLessThanOrEqual(most);
          for (let i = 0; i < turnsOfWork; i++) await turn();
          return items.map(String);
        }, most);
        const results = asked.map(async ({ item, turns }) => {
          for (let i = 0; i < turns; i++) await turn();
          return batches.add(item);
        });
        expect(await Promise.all(results)).toEqual(asked.map(({ item }) => String(item)));
      },
    ),
    { numRuns: 50 },
  );
});
