import { createHash } from 'node:crypto';
import fc from 'fast-check';
import {
  EMPTY_FRONTIER,
  appendLeaf,
  appendLeaves,
  decodeFrontier,
  encodeFrontier,
  leafHash,
  nodeHash,
  rootOf,
} from '../../src/access-log/tree.js';
import type { Frontier } from '../../src/access-log/tree.js';

const sha256 = (...parts: Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();

/** MTH of RFC 9162 section 2.1.1, with hashes of its own: nothing of the module under test. */
function naiveRoot(leaves: readonly Buffer[]): Buffer {
  const [first] = leaves;
  if (!first) return sha256();
  if (leaves.length === 1) return first;
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return sha256(Buffer.of(1), naiveRoot(leaves.slice(0, k)), naiveRoot(leaves.slice(k)));
}

const entries = Array.from({ length: 300 }, (_, i) => Buffer.from(`entry ${i}`));
const leaves = entries.map(leafHash);
const frontierOf = (count: number): Frontier => appendLeaves(EMPTY_FRONTIER, leaves.slice(0, count));

describe('hashes', () => {
  test('a leaf is hashed behind 0x00, a node behind 0x01', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(leafHash(bytes)).toEqual(sha256(Buffer.of(0), bytes));
      }),
    );
    const [left, right] = [sha256(Buffer.of(1)), sha256(Buffer.of(2))];
    expect(nodeHash(left, right)).toEqual(sha256(Buffer.of(1), left, right));
  });

  test('an inner node is not the leaf of its children', () => {
    const [left, right] = [leafHash(Buffer.of(1)), leafHash(Buffer.of(2))];
    expect(leafHash(Buffer.concat([left, right]))).not.toEqual(nodeHash(left, right));
  });

  test('a node takes hashes only', () => {
    expect(() => nodeHash(Buffer.alloc(31), Buffer.alloc(32))).toThrow(RangeError);
    expect(() => nodeHash(Buffer.alloc(32), Buffer.alloc(33))).toThrow(RangeError);
  });
});

describe('appending', () => {
  test('the root is that of the whole tree, for every size from 0 to 300', () => {
    let frontier = EMPTY_FRONTIER;
    for (let size = 0; size <= leaves.length; size++) {
      expect(frontier.size).toBe(size);
      expect(rootOf(frontier)).toEqual(naiveRoot(leaves.slice(0, size)));
      const next = leaves[size];
      if (next) frontier = appendLeaf(frontier, next);
    }
  });

  test('the empty tree has the root of RFC 9162', () => {
    expect(rootOf(EMPTY_FRONTIER).toString('hex')).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
  });

  test('batches of any sizes come to the same as one by one', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40), { maxLength: 7 }), (sizes) => {
        let batched = EMPTY_FRONTIER;
        for (const size of sizes)
          batched = appendLeaves(batched, leaves.slice(batched.size, batched.size + size));
        let single = EMPTY_FRONTIER;
        for (const leaf of leaves.slice(0, batched.size)) single = appendLeaf(single, leaf);
        expect(encodeFrontier(batched)).toEqual(encodeFrontier(single));
        expect(batched.size).toBe(single.size);
      }),
    );
  });

  test('leaves the frontier it was given as it was', () => {
    const before = frontierOf(7);
    const bytes = encodeFrontier(before);
    appendLeaves(before, leaves.slice(7, 20));
    rootOf(before).fill(0);
    expect(before.size).toBe(7);
    expect(encodeFrontier(before)).toEqual(bytes);
  });

  test('takes hashes only', () => {
    expect(() => appendLeaf(EMPTY_FRONTIER, Buffer.alloc(31))).toThrow(RangeError);
    expect(() => appendLeaf(EMPTY_FRONTIER, Buffer.alloc(0))).toThrow(RangeError);
  });

  test('works past 32 bits and ends where sizes stop being exact', () => {
    const size = 2 ** 40 + 1;
    const far = decodeFrontier(size, Buffer.concat([leaves[0]!, leaves[1]!]));
    const next = appendLeaf(far, leaves[2]!);
    expect(next.size).toBe(size + 1);
    expect(encodeFrontier(next)).toEqual(Buffer.concat([leaves[0]!, nodeHash(leaves[1]!, leaves[2]!)]));

    const full = decodeFrontier(Number.MAX_SAFE_INTEGER, Buffer.alloc(53 * 32));
    expect(() => appendLeaf(full, leaves[0]!)).toThrow(RangeError);
  });
});

describe('a stored frontier', () => {
  test('reads back as it was, for every size from 0 to 300', () => {
    for (let size = 0; size <= leaves.length; size++) {
      const frontier = frontierOf(size);
      const read = decodeFrontier(size, encodeFrontier(frontier));
      expect(read.size).toBe(size);
      expect(rootOf(read)).toEqual(rootOf(frontier));
    }
  });

  test('is the roots of the complete subtrees from the largest to the smallest', () => {
    expect(encodeFrontier(frontierOf(7))).toEqual(
      Buffer.concat([
        naiveRoot(leaves.slice(0, 4)),
        naiveRoot(leaves.slice(4, 6)),
        naiveRoot(leaves.slice(6, 7)),
      ]),
    );
  });

  test('does not follow changes of the bytes it was read from', () => {
    const bytes = encodeFrontier(frontierOf(5));
    const frontier = decodeFrontier(5, bytes);
    bytes.fill(0);
    expect(rootOf(frontier)).toEqual(naiveRoot(leaves.slice(0, 5)));
  });

  test.each([
    [0, 32],
    [1, 0],
    [1, 31],
    [1, 64],
    [3, 32],
    [4, 64],
    [-1, 0],
    [1.5, 32],
    [2 ** 53, 32],
    [Number.NaN, 0],
  ])('is refused where size %p has %p bytes', (size, length) => {
    expect(() => decodeFrontier(size, Buffer.alloc(length))).toThrow(RangeError);
  });
});
