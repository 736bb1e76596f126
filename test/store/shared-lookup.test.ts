import fc from 'fast-check';
import type { Database } from '../../src/store/database.js';
import { SharedLookup } from '../../src/store/shared-lookup.js';

interface Row {
  readonly collection: number;
  readonly key: string;
  readonly nth: number;
}

/** Only its identity matters here: statements are what `load` makes of them. */
const database = {} as Database;

/** Rows of three collections; some keys have two, most have none. */
const ROWS: Row[] = [0, 1, 2].flatMap((collection) =>
  ['a', 'b', 'c', 'c'].map((key, nth) => ({ collection, key, nth })),
);

function lookupOver(
  statements: { collection: number; keys: readonly string[] }[],
): SharedLookup<string, Row> {
  return new SharedLookup<string, Row>(
    async (_database, collection, lifecycle, keys) => {
      statements.push({ collection, keys });
      const rows = ROWS.filter((row) => row.collection === collection && keys.includes(row.key));
      return lifecycle === 'active' ? rows : [];
    },
    ({ key }) => key,
    (key) => key,
  );
}

test('lookups of one turn in one collection share a statement, each key once', async () => {
  const statements: { collection: number; keys: readonly string[] }[] = [];
  const lookup = lookupOver(statements);
  const [first, second] = await Promise.all([
    lookup.find(database, 1, 'active', ['a', 'b']),
    lookup.find(database, 1, 'active', ['b', 'c', 'missing', 'b']),
  ]);
  expect(statements).toEqual([{ collection: 1, keys: ['a', 'b', 'c', 'missing'] }]);
  expect(first.map(({ key }) => key)).toEqual(['a', 'b']);
  expect(second.map(({ key }) => key)).toEqual(['b', 'c', 'c']);
});

test('a lookup of very many keys keeps to itself', async () => {
  const statements: { collection: number; keys: readonly string[] }[] = [];
  const lookup = lookupOver(statements);
  const many = Array.from({ length: 100 }, (_, i) => `key ${i}`);
  await Promise.all([lookup.find(database, 1, 'active', many), lookup.find(database, 1, 'active', ['a'])]);
  expect(statements.map(({ keys }) => keys.length).sort()).toEqual([1, 100]);
});

test('databases, collections and lifecycles never meet in a statement', async () => {
  const statements: { collection: number; keys: readonly string[] }[] = [];
  const lookup = lookupOver(statements);
  const results = await Promise.all([
    lookup.find(database, 0, 'active', ['a']),
    lookup.find(database, 1, 'active', ['a']),
    lookup.find(database, 1, 'archived', ['a']),
    lookup.find({} as Database, 1, 'active', ['a']),
  ]);
  expect(statements).toHaveLength(4);
  expect(results.map((rows) => rows.map(({ collection }) => collection))).toEqual([[0], [1], [], [1]]);
});

test('any interleaving of lookups finds what each would find alone', async () => {
  const keys = fc.array(fc.constantFrom<string>('a', 'b', 'c', 'd'), { maxLength: 5 });
  const asked = fc.array(fc.record({ collection: fc.nat(3), keys, turns: fc.nat(2) }), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(asked, async (lookups) => {
      const lookup = lookupOver([]);
      const together = lookups.map(async ({ collection, keys: wanted, turns }) => {
        for (let i = 0; i < turns; i++) await new Promise((resolve) => void setImmediate(resolve));
        return lookup.find(database, collection, 'active', wanted);
      });
      const alone = lookups.map(({ collection, keys: wanted }) =>
        ROWS.filter((row) => row.collection === collection && wanted.includes(row.key)),
      );
      const sorted = (rows: Row[]): Row[] => rows.sort((a, b) => a.nth - b.nth);
      expect((await Promise.all(together)).map(sorted)).toEqual(alone.map(sorted));
    }),
    { numRuns: 50 },
  );
});
