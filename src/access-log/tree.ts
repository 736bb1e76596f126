import { hash } from 'node:crypto';

/** Length of a leaf's, node's or root's hash: SHA-256. */
export const HASH_BYTES = 32;

/**
 * The right edge of a tree of `size` leaves: the roots of its complete subtrees, one for each bit set in `size`, from
 * the largest (leftmost) to the smallest. It is all that appending needs; the leaves themselves are not. Sizes are
 * safe integers: at a million entries a second that is 285 years of log.
 */
export interface Frontier {
  readonly size: number;
  readonly hashes: readonly Uint8Array[];
}

/** The tree before the first entry. */
export const EMPTY_FRONTIER: Frontier = { size: 0, hashes: [] };

/**
 * Hash of a log entry's exact bytes: SHA-256(0x00 || bytes). The prefix differs from a node's, so that no inner node
 * can be passed off as an entry (RFC 9162 section 2.1.1).
 */
export function leafHash(bytes: Uint8Array): Buffer {
  const input = Buffer.allocUnsafe(1 + bytes.length);
  input[0] = 0x00;
  input.set(bytes, 1);
  return sha256(input);
}

/**
 * Hash of an inner node: SHA-256(0x01 || left || right) (RFC 9162 section 2.1.1).
 * @throws RangeError where an argument is not 32 bytes
 */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  assertHash(left);
  assertHash(right);
  const input = Buffer.allocUnsafe(1 + 2 * HASH_BYTES);
  input[0] = 0x01;
  input.set(left, 1);
  input.set(right, 1 + HASH_BYTES);
  return sha256(input);
}

/**
 * The frontier after one more leaf; `frontier` itself is left alone.
 * @throws RangeError where `leaf` is not 32 bytes or the tree is full
 */
export function appendLeaf(frontier: Frontier, leaf: Uint8Array): Frontier {
  return appendLeaves(frontier, [leaf]);
}

/**
 * The frontier after a batch of leaf hashes, in order; the same as appending them one by one.
 * @throws RangeError where a leaf is not 32 bytes or the tree is full
 */
export function appendLeaves(frontier: Frontier, leaves: readonly Uint8Array[]): Frontier {
  const hashes = [...frontier.hashes];
  let size = frontier.size;
  if (!Number.isSafeInteger(size + leaves.length)) throw new RangeError('the tree is full');

  for (const leaf of leaves) {
    assertHash(leaf);
    let node = leaf;
    // Each trailing one of the size is a complete subtree as large as `node`: the two join.
    for (let rest = size; rest % 2 === 1; rest = (rest - 1) / 2) node = nodeHash(popped(hashes), node);
    hashes.push(node);
    size += 1;
  }
  return { size, hashes };
}

/** Root of the tree; that of the empty tree is SHA-256 of nothing (RFC 9162 section 2.1.1). */
export function rootOf(frontier: Frontier): Buffer {
  const hashes = [...frontier.hashes];
  if (hashes.length === 0) return sha256(Buffer.alloc(0));
  let root = popped(hashes);
  while (hashes.length > 0) root = nodeHash(popped(hashes), root);
  return Buffer.from(root);
}

/** The frontier as bytes: its hashes one after the other, largest subtree first. The size is stored beside it. */
export function encodeFrontier(frontier: Frontier): Buffer {
  return Buffer.concat(frontier.hashes);
}

/**
 * Reads what encodeFrontier wrote.
 * @throws RangeError where the bytes are not the frontier of a tree of that size: the log must not be continued then
 */
export function decodeFrontier(size: number, bytes: Uint8Array): Frontier {
  if (!Number.isSafeInteger(size) || size < 0) throw new RangeError('the tree size is not a safe integer');
  if (bytes.length !== subtreesIn(size) * HASH_BYTES)
    throw new RangeError('the frontier does not fit the tree size');
  const hashes: Uint8Array[] = [];
  // Copies: a later change of the caller's buffer must not reach the tree.
  for (let at = 0; at < bytes.length; at += HASH_BYTES)
    hashes.push(Buffer.from(bytes.subarray(at, at + HASH_BYTES)));
  return { size, hashes };
}

/** Whether a value is 32 bytes; all else that could be said of a hash is whether it leads to the root. */
export function isHash(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && value.length === HASH_BYTES;
}

/** Number of complete subtrees at the right edge: the ones in `size`. Not by `>>`, which ends at 32 bits. */
function subtreesIn(size: number): number {
  let count = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}

function popped(hashes: Uint8Array[]): Uint8Array {
  const last = hashes.pop();
  if (!last) throw new RangeError('the frontier does not fit the tree size');
  return last;
}

function assertHash(value: Uint8Array): void {
  if (!isHash(value)) throw new RangeError('a hash must be 32 bytes');
}

function sha256(input: Uint8Array): Buffer {
  return hash('sha256', input, 'buffer');
}
