import { isCount } from '../../src/access-log/proof-paths.js';
import { EMPTY_FRONTIER, appendLeaves, rootOf } from '../../src/access-log/tree.js';

/**
 * The hashes that lead from leaf `index` to the root of the tree of `leaves`, nearest first: PATH of RFC 9162
 * section 2.1.3.1, word for word. It reads every leaf: what the vault makes from stored subtree roots is held against it.
 * @throws RangeError where there is no such leaf
 */
export function inclusionProof(leaves: readonly Uint8Array[], index: number): Uint8Array[] {
  if (!isCount(index) || index >= leaves.length) throw new RangeError('there is no such leaf');
  if (leaves.length === 1) return [];
  const k = splitOf(leaves.length);
  const left = leaves.slice(0, k);
  const right = leaves.slice(k);
  return index < k
    ? [...inclusionProof(left, index), rootOfLeaves(right)]
    : [...inclusionProof(right, index - k), rootOfLeaves(left)];
}

/**
 * The hashes that show that the tree of the first `size1` leaves is the beginning of the tree of all: PROOF of
 * RFC 9162 section 2.1.4.1. Equal sizes need none.
 * @throws RangeError where `size1` is zero (nothing could be shown) or more than there are leaves
 */
export function consistencyProof(leaves: readonly Uint8Array[], size1: number): Uint8Array[] {
  if (!isCount(size1) || size1 === 0 || size1 > leaves.length)
    throw new RangeError('there is no such smaller tree');
  return subproof(size1, leaves, true);
}

/** SUBPROOF of RFC 9162 section 2.1.4.1; `isKnown` says that the verifier has the root of these leaves already. */
function subproof(m: number, leaves: readonly Uint8Array[], isKnown: boolean): Uint8Array[] {
  if (m === leaves.length) return isKnown ? [] : [rootOfLeaves(leaves)];
  const k = splitOf(leaves.length);
  const left = leaves.slice(0, k);
  const right = leaves.slice(k);
  return m <= k
    ? [...subproof(m, left, isKnown), rootOfLeaves(right)]
    : [...subproof(m - k, right, false), rootOfLeaves(left)];
}

function rootOfLeaves(leaves: readonly Uint8Array[]): Buffer {
  return rootOf(appendLeaves(EMPTY_FRONTIER, leaves));
}

/** The largest power of two below `n`, where RFC 9162 splits a tree of n > 1 leaves. */
function splitOf(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}
