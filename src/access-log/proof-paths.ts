/*
 * The arithmetic of Merkle proofs (RFC 9162 sections 2.1.3.2 and 2.1.4.2) without a hash in it, so that Node, which hashes at once, and a browser, which answers
 * later, fold the same steps.
 */

/** Where the next hash of a proof stands beside what was computed so far. */
export type Side = 'left' | 'right';

/**
 * On which side each hash of an inclusion proof stands, nearest to the leaf first; null where the tree has no such leaf or the proof of it has another length.
 */
export function inclusionSides(index: number, size: number, length: number): Side[] | null {
  if (!isCount(index) || !isCount(size) || index >= size) return null;
  return sidesFrom(index, size - 1, length);
}

/** How a consistency proof is folded; `seeded` says that it begins with the first tree's root, which the proof leaves out. */
export interface ConsistencyPath {
  readonly seeded: boolean;
  /** One per hash after the beginning. What stands on the left belongs to both trees, on the right to the second only. */
  readonly sides: readonly Side[];
}

/** How a proof of this length between trees of two different sizes is folded; null where there is none. A first tree of no leaves has none. */
export function consistencyPath(size1: number, size2: number, length: number): ConsistencyPath | null {
  if (!isCount(size1) || !isCount(size2) || size1 === 0 || size1 >= size2 || length === 0) return null;
  const seeded = isPowerOfTwo(size1);
  let fn = size1 - 1;
  let sn = size2 - 1;
  while (isOdd(fn)) [fn, sn] = [half(fn), half(sn)];
  const sides = sidesFrom(fn, sn, seeded ? length : length - 1);
  return sides && { seeded, sides };
}

/** Walks from a node, the `fn`th of `sn` + 1 of its level, up to the root. */
function sidesFrom(fn: number, sn: number, length: number): Side[] | null {
  const sides: Side[] = [];
  for (let step = 0; step < length; step++) {
    if (sn === 0) return null;
    if (isOdd(fn) || fn === sn) {
      sides.push('left');
      while (!isOdd(fn) && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else {
      sides.push('right');
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 ? sides : null;
}

/** Whether a value can be a number of leaves or the position of one. */
export function isCount(n: unknown): n is number {
  return Number.isSafeInteger(n) && (n as number) >= 0;
}

function isPowerOfTwo(n: number): boolean {
  let k = 1;
  while (k < n) k *= 2;
  return k === n;
}

/** Shifts and bit tests by arithmetic: JavaScript's operators end at 32 bits, a tree's size does not. */
function half(n: number): number {
  return Math.floor(n / 2);
}

function isOdd(n: number): boolean {
  return n % 2 === 1;
}
