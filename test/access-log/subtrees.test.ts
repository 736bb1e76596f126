import fc from 'fast-check';
import {
  type LeafRange,
  completeSubtrees,
  consistencyRanges,
  inclusionRanges,
} from '../../src/access-log/subtrees.js';
import { EMPTY_FRONTIER, appendLeaves, leafHash, rootOf } from '../../src/access-log/tree.js';
import { consistencyProof, inclusionProof } from './slow-proofs.js';

const leaves = Array.from({ length: 400 }, (_, i) => leafHash(Buffer.from(`entry ${i}`)));
const rootsOf = (ranges: readonly LeafRange[]): Buffer[] =>
  ranges.map(({ from, to }) => rootOf(appendLeaves(EMPTY_FRONTIER, leaves.slice(from, to))));
const sizes = fc.integer({ min: 1, max: leaves.length });

test('the roots of the ranges are the inclusion proof of RFC 9162', () => {
  fc.assert(
    fc.property(sizes, fc.nat(), (size, n) => {
      const index = n % size;
      expect(rootsOf(inclusionRanges(index, size))).toEqual(inclusionProof(leaves.slice(0, size), index));
    }),
  );
});

test('the roots of the ranges are the consistency proof of RFC 9162', () => {
  fc.assert(
    fc.property(sizes, sizes, (a, b) => {
      const [size1, size2] = [Math.min(a, b), Math.max(a, b)];
      expect(rootsOf(consistencyRanges(size1, size2))).toEqual(
        consistencyProof(leaves.slice(0, size2), size1),
      );
    }),
  );
});

test('the complete subtrees of a range of a proof cover it, each at a place where one of its size stands', () => {
  fc.assert(
    fc.property(sizes, fc.nat(), (size, n) => {
      for (const range of inclusionRanges(n % size, size)) {
        const parts = completeSubtrees(range);
        expect(parts[0]!.from).toBe(range.from);
        expect(parts.at(-1)!.to).toBe(range.to);
        for (const { from, to } of parts) {
          expect(Math.log2(to - from) % 1).toBe(0);
          expect(from % (to - from)).toBe(0);
        }
      }
    }),
  );
});

test('what is not in the tree has no proof', () => {
  for (const [index, size] of [
    [0, 0],
    [5, 5],
    [-1, 5],
    [1.5, 5],
    [0, Number.NaN],
  ] as const) {
    expect(() => inclusionRanges(index, size)).toThrow(RangeError);
  }
  for (const [size1, size2] of [
    [0, 5],
    [6, 5],
    [-1, 5],
    [1.5, 5],
  ] as const) {
    expect(() => consistencyRanges(size1, size2)).toThrow(RangeError);
  }
});

test('sizes past 32 bits are no different', () => {
  const size = 2 ** 40 + 3;
  expect(inclusionRanges(size - 1, size).at(-1)).toEqual({ from: 0, to: 2 ** 40 });
  expect(consistencyRanges(2 ** 40, size).at(-1)).toEqual({ from: 2 ** 40, to: size });
});
