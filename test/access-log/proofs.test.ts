import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { verifyConsistency, verifyInclusion } from '../../src/access-log/proofs.js';
import { EMPTY_FRONTIER, appendLeaves, leafHash, nodeHash, rootOf } from '../../src/access-log/tree.js';
import { consistencyProof, inclusionProof } from './slow-proofs.js';

interface Vector {
  file: string;
  proof: string[] | null;
  wantErr: boolean;
}
type InclusionVector = Vector & { leafIdx: number; treeSize: number; root: string; leafHash: string };
type ConsistencyVector = Vector & { size1: number; size2: number; root1: string; root2: string };

function vectors<T extends Vector>(kind: string): T[] {
  const path = new URL(`../vectors/transparency-dev/${kind}.json`, import.meta.url);
  return JSON.parse(readFileSync(path, 'utf8')) as T[];
}

const bytes = (base64: string): Buffer => Buffer.from(base64, 'base64');
const leaves = Array.from({ length: 130 }, (_, i) => leafHash(Buffer.from(`entry ${i}`)));
const rootAt = (size: number): Buffer => rootOf(appendLeaves(EMPTY_FRONTIER, leaves.slice(0, size)));
const sizes = fc.integer({ min: 1, max: leaves.length });

function flipped(hash: Uint8Array, bit: number): Buffer {
  const copy = Buffer.from(hash);
  copy[bit >> 3]! ^= 1 << (bit & 7);
  return copy;
}

/** `verify` accepts the proof, and none that has a bit flipped, a hash more or a hash less at one place of it. */
function expectOnly(
  proof: Uint8Array[],
  pick: number,
  bit: number,
  verify: (proof: Uint8Array[]) => boolean,
): void {
  expect(verify(proof)).toBe(true);
  const at = pick % (proof.length + 1);
  expect(verify(proof.toSpliced(at, 0, leaves[0]!))).toBe(false);
  const hash = proof[at];
  if (!hash) return;
  expect(verify(proof.with(at, flipped(hash, bit)))).toBe(false);
  expect(verify(proof.toSpliced(at, 1))).toBe(false);
}

describe("transparency-dev's inclusion vectors", () => {
  test.each(vectors<InclusionVector>('inclusion').map((v) => [v.file, v] as const))('%s', (_file, v) => {
    const proof = (v.proof ?? []).map(bytes);
    expect(verifyInclusion(v.leafIdx, v.treeSize, bytes(v.leafHash), proof, bytes(v.root))).toBe(!v.wantErr);
  });
});

describe("transparency-dev's consistency vectors", () => {
  // Valid there, because sizes are equal and roots too; here a root of another length than 32 bytes is never one.
  const STRICTER = [
    'additional/sizes-are-equal-one-and-proof-is-empty',
    'additional/sizes-are-equal-zero-and-proof-is-empty',
  ];

  test.each(vectors<ConsistencyVector>('consistency').map((v) => [v.file, v] as const))('%s', (file, v) => {
    const proof = (v.proof ?? []).map(bytes);
    const isValid = !v.wantErr && !STRICTER.includes(file);
    expect(verifyConsistency(v.size1, v.size2, bytes(v.root1), bytes(v.root2), proof)).toBe(isValid);
  });
});

describe('the published eight-leaf tree', () => {
  // The eight entries behind the vectors; they have been the reference of Certificate Transparency since RFC 6962.
  const entries = [
    '',
    '00',
    '10',
    '2021',
    '3031',
    '40414243',
    '5051525354555657',
    '606162636465666768696a6b6c6d6e6f',
  ];
  const published = entries.map((hex) => leafHash(Buffer.from(hex, 'hex')));

  test('gives the published inclusion proofs', () => {
    for (const v of vectors<InclusionVector>('inclusion').filter((vector) => !vector.wantErr)) {
      const proof = inclusionProof(published.slice(0, v.treeSize), v.leafIdx);
      expect(proof.map((hash) => Buffer.from(hash).toString('base64'))).toEqual(v.proof ?? []);
    }
  });

  test('gives the published consistency proofs', () => {
    const valid = vectors<ConsistencyVector>('consistency').filter(
      (v) => !v.wantErr && !v.file.startsWith('additional'),
    );
    for (const v of valid) {
      const proof = consistencyProof(published.slice(0, v.size2), v.size1);
      expect(proof.map((hash) => Buffer.from(hash).toString('base64'))).toEqual(v.proof ?? []);
    }
  });
});

describe('inclusion', () => {
  test('every leaf of every tree up to 70 leaves has a proof that verifies', () => {
    for (let size = 1; size <= 70; size++) {
      const root = rootAt(size);
      for (let index = 0; index < size; index++) {
        const proof = inclusionProof(leaves.slice(0, size), index);
        expect(verifyInclusion(index, size, leaves[index]!, proof, root)).toBe(true);
      }
    }
  });

  test('a proof holds for its own index only', () => {
    fc.assert(
      fc.property(sizes, fc.nat(), fc.nat(140), (size, pick, otherIndex) => {
        const index = pick % size;
        fc.pre(otherIndex !== index);
        const proof = inclusionProof(leaves.slice(0, size), index);
        expect(verifyInclusion(otherIndex, size, leaves[index]!, proof, rootAt(size))).toBe(false);
      }),
    );
  });

  test('one bit flipped anywhere, a hash more or a hash less makes it fail', () => {
    fc.assert(
      fc.property(sizes, fc.nat(), fc.nat(255), fc.nat(), (size, pick, bit, pickHash) => {
        const index = pick % size;
        const leaf = leaves[index]!;
        const root = rootAt(size);
        const proof = inclusionProof(leaves.slice(0, size), index);
        expect(verifyInclusion(index, size, flipped(leaf, bit), proof, root)).toBe(false);
        expect(verifyInclusion(index, size, leaf, proof, flipped(root, bit))).toBe(false);
        const verify = (other: Uint8Array[]): boolean => verifyInclusion(index, size, leaf, other, root);
        expectOnly(proof, pickHash, bit, verify);
      }),
    );
  });

  test('an inner node cannot be shown as a leaf', () => {
    const [sibling, ...rest] = inclusionProof(leaves.slice(0, 8), 0);
    const inner = rootOf(appendLeaves(EMPTY_FRONTIER, [leaves[0]!, sibling!]));
    expect(verifyInclusion(0, 8, inner, rest, rootAt(8))).toBe(false);
  });

  test('a proof longer than the tree is high fails, though its hashes lead to the roots', () => {
    const [leaf, extra] = [leaves[0]!, leaves[9]!];
    expect(verifyInclusion(0, 1, leaf, [extra], nodeHash(extra, leaf))).toBe(false);
    const longer = [...consistencyProof(leaves.slice(0, 4), 3), extra];
    const [root1, root2] = [nodeHash(extra, rootAt(3)), nodeHash(extra, rootAt(4))];
    expect(verifyConsistency(3, 4, root1, root2, longer)).toBe(false);
  });

  test('there is no proof for a leaf that is not there', () => {
    for (const index of [-1, 3, 0.5, Number.NaN])
      expect(() => inclusionProof(leaves.slice(0, 3), index)).toThrow(RangeError);
    expect(() => inclusionProof([], 0)).toThrow(RangeError);
  });

  test.each([-1, 0.5, Number.NaN, 2 ** 53, Infinity])('index or size %p is refused without throwing', (n) => {
    expect(verifyInclusion(n, 1, leaves[0]!, [], leaves[0]!)).toBe(false);
    expect(verifyInclusion(0, n, leaves[0]!, [], leaves[0]!)).toBe(false);
  });

  test('works past 32 bits', () => {
    const size = 2 ** 40 + 1;
    const root = rootOf({ size, hashes: [leaves[0]!, leaves[1]!] });
    expect(verifyInclusion(2 ** 40, size, leaves[1]!, [leaves[0]!], root)).toBe(true);
    expect(verifyInclusion(2 ** 40 - 1, size, leaves[1]!, [leaves[0]!], root)).toBe(false);
  });
});

describe('consistency', () => {
  test('every earlier tree of every tree up to 70 leaves has a proof that verifies', () => {
    for (let size2 = 1; size2 <= 70; size2++) {
      for (let size1 = 1; size1 <= size2; size1++) {
        const proof = consistencyProof(leaves.slice(0, size2), size1);
        expect(verifyConsistency(size1, size2, rootAt(size1), rootAt(size2), proof)).toBe(true);
      }
    }
  });

  test('one bit flipped anywhere, a hash more or a hash less makes it fail', () => {
    fc.assert(
      fc.property(sizes, fc.nat(), fc.nat(255), fc.nat(), (size2, pick, bit, pickHash) => {
        const size1 = 1 + (pick % size2);
        const [root1, root2] = [rootAt(size1), rootAt(size2)];
        const proof = consistencyProof(leaves.slice(0, size2), size1);
        expect(verifyConsistency(size1, size2, flipped(root1, bit), root2, proof)).toBe(false);
        expect(verifyConsistency(size1, size2, root1, flipped(root2, bit), proof)).toBe(false);
        const verify = (other: Uint8Array[]): boolean => verifyConsistency(size1, size2, root1, root2, other);
        expectOnly(proof, pickHash, bit, verify);
      }),
    );
  });

  test('a rewritten entry makes it fail, whoever makes the proof', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 130 }), fc.nat(), fc.nat(), (size2, pick, pickLeaf) => {
        const size1 = 1 + (pick % (size2 - 1));
        const rewritten = leaves.slice(0, size2).with(pickLeaf % size1, leafHash(Buffer.from('another')));
        const root2 = rootOf(appendLeaves(EMPTY_FRONTIER, rewritten));
        const proof = consistencyProof(rewritten, size1);
        expect(verifyConsistency(size1, size2, rootAt(size1), root2, proof)).toBe(false);
      }),
    );
  });

  test('the empty tree is consistent with itself only', () => {
    const empty = rootOf(EMPTY_FRONTIER);
    expect(verifyConsistency(0, 0, empty, empty, [])).toBe(true);
    expect(verifyConsistency(0, 0, leaves[0]!, leaves[0]!, [])).toBe(false);
    expect(verifyConsistency(0, 1, empty, leaves[0]!, [])).toBe(false);
    expect(() => consistencyProof(leaves, 0)).toThrow(RangeError);
    expect(() => consistencyProof(leaves, leaves.length + 1)).toThrow(RangeError);
  });

  test.each([-1, 0.5, Number.NaN, 2 ** 53, Infinity])('size %p is refused without throwing', (n) => {
    expect(verifyConsistency(n, 1, leaves[0]!, leaves[0]!, [])).toBe(false);
    expect(verifyConsistency(1, n, leaves[0]!, leaves[0]!, [])).toBe(false);
  });
});

describe('arguments that are no hashes', () => {
  const junk: unknown[] = [
    undefined,
    null,
    '',
    'x'.repeat(32),
    32,
    {},
    Buffer.alloc(31),
    Buffer.alloc(33),
    [1],
  ];

  test.each(junk.map((value) => [value]))('%p is refused without throwing', (value) => {
    const bad = value as Uint8Array;
    const good = leaves[0]!;
    expect(verifyInclusion(0, 1, bad, [], good)).toBe(false);
    expect(verifyInclusion(0, 1, good, [], bad)).toBe(false);
    expect(verifyInclusion(0, 2, good, [bad], good)).toBe(false);
    expect(verifyConsistency(1, 2, bad, good, [good])).toBe(false);
    expect(verifyConsistency(1, 2, good, bad, [good])).toBe(false);
    expect(verifyConsistency(1, 2, good, good, [bad])).toBe(false);
    expect(verifyConsistency(1, 2, good, good, value as Uint8Array[])).toBe(false);
  });
});
