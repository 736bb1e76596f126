import fc from 'fast-check';
import { columnTerm, termHash, termsOfFilter } from '../../../src/store/access-log/posting-terms.js';
import { decodePositions, encodePositions, intersect } from '../../../src/store/access-log/postings.js';

const size = fc.integer({ min: 1, max: 300 });
const ascending = (positions: Iterable<number>): number[] =>
  [...new Set(positions)].sort((one, other) => one - other);
/** The size of a segment, and positions in it, in any order and some there twice. */
const lists = size.chain((n) =>
  fc.tuple(
    fc.constant(n),
    fc.array(fc.array(fc.nat(n - 1), { maxLength: 400 }), { minLength: 1, maxLength: 4 }),
  ),
);

test('positions come back as they were, in the form that is shorter', () => {
  fc.assert(
    fc.property(lists, ([n, [positions]]) => {
      const encoded = encodePositions(positions!, n);
      const wanted = ascending(positions!);
      expect(decodePositions(encoded, n)).toEqual(wanted);
      expect(encoded).toHaveLength(Math.min(2 * wanted.length, Math.ceil(n / 8)));
    }),
  );
});

test('postings meet where all of them have a position', () => {
  fc.assert(
    fc.property(lists, ([n, all]) => {
      const met = ascending(all[0]!).filter((position) => all.every((each) => each.includes(position)));
      expect(
        intersect(
          all.map((each) => encodePositions(each, n)),
          n,
        ),
      ).toEqual(met);
    }),
  );
});

test('whatever bytes stand in a posting, no position is outside the segment or there twice', () => {
  fc.assert(
    fc.property(size, fc.uint8Array({ maxLength: 100 }), (n, bytes) => {
      const positions = decodePositions(Buffer.from(bytes), n);
      expect(positions).toEqual(ascending(positions).filter((position) => position < n));
    }),
  );
});

test('the bytes are those of docs/FORMAT.md', () => {
  expect(encodePositions([300, 2], 16_384).toString('hex')).toBe('0002012c');
  expect(encodePositions([0, 9, 10], 16).toString('hex')).toBe('0106');
  expect(
    encodePositions(
      Array.from({ length: 1_023 }, (_, i) => i),
      16_384,
    ),
  ).toHaveLength(2_046);
  expect(
    encodePositions(
      Array.from({ length: 1_024 }, (_, i) => i),
      16_384,
    ),
  ).toHaveLength(2_048);
  // Of `0=alice`; and of `3=242`, where 242 is what the first two bytes of the hash of `3=alice` leave modulo 1024.
  expect(termHash(columnTerm('user', 'alice')).toString('hex')).toBe('20adf598df00a616');
  expect(termHash(columnTerm('subject', 'alice')).toString('hex')).toBe('55d516e4c9fc3886');
});

test('twenty thousand subjects share a thousand terms, and as many users do not', () => {
  const terms = (column: 'subject' | 'user'): number =>
    new Set(Array.from({ length: 20_000 }, (_, i) => termHash(columnTerm(column, `s${i}`)).toString('hex')))
      .size;
  expect(terms('subject')).toBe(1_024);
  expect(terms('user')).toBe(20_000);
});

test('a filter whose values share a term asks for it once: no segment has it twice', () => {
  const sameTerm = Array.from({ length: 20_000 }, (_, i) => `3=s${i}`).find((name) =>
    termHash(name).equals(termHash(columnTerm('subject', 'alice'))),
  );
  expect(sameTerm).toBeDefined();
  expect(termsOfFilter({ subject: 'alice', tenant: sameTerm }).all).toHaveLength(1);
  expect(termsOfFilter({ tenant: 'x', rule: 'x' }).all).toHaveLength(1);
  expect(
    termsOfFilter({ subject: 'alice', tenant: 'x', property: 'ssn', transformation: 'mask' }).all,
  ).toHaveLength(3);
});

test.each([{ objectId: 'x' }, { tokens: [] }, { requestId: 'x' }])(
  'a filter by %j is left to its index',
  (filter) =>
    expect(termsOfFilter({ user: 'a', role: 'b', ...filter })).toEqual({
      all: [],
      indexed: [],
      onlyIfRare: false,
    }),
);

test('what an index leads to as well is told apart, and what words lead to sooner', () => {
  const { all, indexed } = termsOfFilter({ user: 'a', role: 'b', text: 'x' });
  expect([all, indexed]).toEqual([termsOfFilter({ role: 'b' }).all, []]);
  expect(termsOfFilter({ text: 'x' }).all).toEqual([]);
  const both = termsOfFilter({ user: 'a', tenant: 't', role: 'b', outcome: 'denied', showing: true });
  expect(both.all).toHaveLength(5);
  expect(both.indexed).toEqual(termsOfFilter({ user: 'a', tenant: 't' }).all);
  expect(termsOfFilter({ operation: 'getObject' })).toMatchObject({ all: [expect.any(Buffer)], indexed: [] });
});
