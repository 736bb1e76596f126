import { consistencyPath, inclusionSides, isCount } from './proof-paths.js';
import { EMPTY_FRONTIER, isHash, nodeHash, rootOf } from './tree.js';

/**
 * Whether `proof` shows that the tree of `size` leaves with this root has `leaf` at `index` (RFC 9162 section
 * 2.1.3.2). Anything of a wrong length, out of range or left over is false; nothing throws.
 */
export function verifyInclusion(
  index: number,
  size: number,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (!areHashes([leaf, root]) || !areHashes(proof)) return false;
  const sides = inclusionSides(index, size, proof.length);
  if (!sides) return false;

  const fold = (hash: Uint8Array, sibling: Uint8Array, at: number): Uint8Array =>
    sides[at] === 'left' ? nodeHash(sibling, hash) : nodeHash(hash, sibling);
  return isEqual(proof.reduce(fold, leaf), root);
}

/**
 * Whether `proof` shows that the tree of `size2` leaves with `root2` begins with the tree of `size1` leaves with
 * `root1` (RFC 9162 section 2.1.4.2). Equal sizes need equal roots and no proof. A first tree of no leaves begins
 * every tree, so a proof of it would say nothing: false, unless both are the empty tree. Nothing throws.
 */
export function verifyConsistency(
  size1: number,
  size2: number,
  root1: Uint8Array,
  root2: Uint8Array,
  proof: readonly Uint8Array[],
): boolean {
  if (!isCount(size1) || !isCount(size2) || size1 > size2) return false;
  if (!areHashes([root1, root2]) || !areHashes(proof)) return false;
  if (size1 === size2)
    return (
      proof.length === 0 && isEqual(root1, root2) && (size1 > 0 || isEqual(root1, rootOf(EMPTY_FRONTIER)))
    );
  const path = consistencyPath(size1, size2, proof.length);
  if (!path) return false;

  // Where the first tree is complete, its root is the first hash, which a proof leaves out.
  const [seed, ...siblings] = path.seeded ? [root1, ...proof] : proof;
  let hash1 = seed!;
  let hash2 = seed!;
  siblings.forEach((sibling, at) => {
    if (path.sides[at] === 'left') {
      hash1 = nodeHash(sibling, hash1);
      hash2 = nodeHash(sibling, hash2);
    } else {
      hash2 = nodeHash(hash2, sibling);
    }
  });
  return isEqual(hash1, root1) && isEqual(hash2, root2);
}

function areHashes(values: unknown): boolean {
  // Array.from, because every() passes over the holes of a sparse array.
  return Array.isArray(values) && Array.from<unknown>(values).every(isHash);
}

/** Roots and proofs are public, so the time a comparison takes tells nothing. */
function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
