import { isCount } from './proof-paths.js';

/** Neighbouring leaves: those from `from` up to, not including, `to`. */
export interface LeafRange {
  readonly from: number;
  readonly to: number;
}

/**
 * The ranges whose roots are the inclusion proof of leaf `index` in the tree of the first `size` leaves, nearest first: PATH of RFC 9162
 * section 2.1.3.1, as places instead of hashes.
 * @throws RangeError where there is no such leaf
 */
export function inclusionRanges(index: number, size: number): LeafRange[] {
  if (!isCount(index) || !isCount(size) || index >= size) throw new RangeError('there is no such leaf');
  const ranges: LeafRange[] = [];
  let [from, to] = [0, size];
  while (to - from > 1) {
    const middle = from + splitOf(to - from);
    if (index < middle) {
      ranges.unshift({ from: middle, to });
      to = middle;
    } else {
      ranges.unshift({ from, to: middle });
      from = middle;
    }
  }
  return ranges;
}

/**
 * The ranges whose roots are the consistency proof between the trees of the first `size1` and the first `size2` leaves: PROOF of RFC
 * 9162 section 2.1.4.1, as places. Equal sizes need none.
 * @throws RangeError where `size1` is zero (nothing could be shown) or more than `size2`
 */
export function consistencyRanges(size1: number, size2: number): LeafRange[] {
  if (!isCount(size1) || !isCount(size2) || size1 === 0 || size1 > size2) {
    throw new RangeError('there is no such smaller tree');
  }
  const ranges: LeafRange[] = [];
  let [from, to] = [0, size2];
  while (size1 !== to) {
    const middle = from + splitOf(to - from);
    if (size1 <= middle) {
      ranges.unshift({ from: middle, to });
      to = middle;
    } else {
      ranges.unshift({ from, to: middle });
      from = middle;
    }
  }
  // Where the first tree is complete the verifier has this root already.
  return from === 0 ? ranges : [{ from, to }, ...ranges];
}

/** The complete subtrees that a range of a proof is made of, from the left, the largest first. */
export function completeSubtrees({ from, to }: LeafRange): LeafRange[] {
  const subtrees: LeafRange[] = [];
  for (let start = from; start < to;) {
    let size = 1;
    while (size * 2 <= to - start) size *= 2;
    subtrees.push({ from: start, to: start + size });
    start += size;
  }
  return subtrees;
}

/** The largest power of two below `n`, where RFC 9162 splits a tree of n > 1 leaves. */
function splitOf(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}
