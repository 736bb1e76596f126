import { consistencyPath, inclusionSides } from '../../access-log/proof-paths.js';
import { type Bytes, isEqual, sha256 } from './bytes.js';

const HASH_BYTES = 32;
const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** Hash of an entry's exact bytes (RFC 9162 section 2.1.1). */
export function leafHash(bytes: Uint8Array): Promise<Bytes> {
  return sha256(LEAF, bytes);
}

/** Whether `proof` shows that the tree of `size` leaves with this root has `leaf` at `index`. */
export async function verifyInclusion(
  index: number,
  size: number,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): Promise<boolean> {
  if (![leaf, root, ...proof].every(isHash)) return false;
  const sides = inclusionSides(index, size, proof.length);
  if (!sides) return false;

  let hash = leaf;
  for (const [at, sibling] of proof.entries()) {
    hash = sides[at] === 'left' ? await sha256(NODE, sibling, hash) : await sha256(NODE, hash, sibling);
  }
  return isEqual(hash, root);
}

/** Whether `proof` shows that the tree of `size2` leaves begins with the tree of `size1`. Equal sizes need equal roots and no proof. */
export async function verifyConsistency(
  size1: number,
  size2: number,
  root1: Uint8Array,
  root2: Uint8Array,
  proof: readonly Uint8Array[],
): Promise<boolean> {
  if (![root1, root2, ...proof].every(isHash)) return false;
  if (size1 === size2) return size1 > 0 && proof.length === 0 && isEqual(root1, root2);
  const path = consistencyPath(size1, size2, proof.length);
  if (!path) return false;

  // Where the first tree is complete, its root is the first hash, which a proof leaves out.
  const [seed, ...siblings] = path.seeded ? [root1, ...proof] : proof;
  let hash1 = seed!;
  let hash2 = seed!;
  for (const [at, sibling] of siblings.entries()) {
    if (path.sides[at] === 'left') {
      hash1 = await sha256(NODE, sibling, hash1);
      hash2 = await sha256(NODE, sibling, hash2);
    } else {
      hash2 = await sha256(NODE, hash2, sibling);
    }
  }
  return isEqual(hash1, root1) && isEqual(hash2, root2);
}

function isHash(bytes: Uint8Array): boolean {
  return bytes.length === HASH_BYTES;
}
