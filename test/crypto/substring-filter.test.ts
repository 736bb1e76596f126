import { readFileSync } from 'node:fs';
import { Key } from '../../src/crypto/key.js';
import { LookupKeys } from '../../src/crypto/lookup-keys.js';
import { MOST_TRIGRAMS, makeSubstringFilter } from '../../src/crypto/substring-filter.js';
import { createHash } from 'node:crypto';

interface Vectors {
  lookup: string;
  trapdoors: {
    collection: number;
    property: number;
    trigram: string;
    trapdoor: string;
    salt: string;
    bits: Record<string, number[]>;
  }[];
}
const vectors = JSON.parse(
  readFileSync(new URL('../vectors/coatcheck/substring-1.json', import.meta.url), 'utf8'),
) as Vectors;

const lookup = new LookupKeys(1, Key.fromSecret(Buffer.from(vectors.lookup, 'hex')));
const trapdoorOf = (i: number): Buffer => lookup.substringTrapdoor(7, 300, `t${i}`);

/** The bits of a trigram in a filter of so many bytes, by the document. */
function bitsOf(trapdoor: Buffer, salt: Buffer, bytes: number): number[] {
  const codeword = createHash('sha256')
    .update(Buffer.concat([trapdoor, salt]))
    .digest();
  return [0, 2, 4, 6].map((at) => ((codeword[at]! << 8) | codeword[at + 1]!) % (bytes * 8));
}

function holds(filter: Buffer, trapdoor: Buffer): boolean {
  const bits = filter.subarray(16);
  return bitsOf(trapdoor, filter.subarray(0, 16), bits.length).every(
    (n) => (bits[Math.floor(n / 8)]! & (1 << (n % 8))) !== 0,
  );
}

test.each(vectors.trapdoors)('the vector of $trigram in $collection/$property', (vector) => {
  const trapdoor = lookup.substringTrapdoor(vector.collection, vector.property, vector.trigram);
  expect(trapdoor.toString('hex')).toBe(vector.trapdoor);
  for (const [size, bits] of Object.entries(vector.bits)) {
    expect(bitsOf(trapdoor, Buffer.from(vector.salt, 'hex'), Number(size) * 2)).toEqual(bits);
  }
});

test.each([0, 1, 64, 65, 256, 257, 1024, 1025, 4096])(
  'a filter of %i trigrams holds each of them',
  (count) => {
    const trapdoors = Array.from({ length: count }, (_, i) => trapdoorOf(i));
    const filter = makeSubstringFilter(trapdoors);
    const size = [64, 256, 1024, 4096].find((most) => count <= most)!;
    expect(filter.length).toBe(16 + size * 2);
    expect(trapdoors.every((trapdoor) => holds(filter, trapdoor))).toBe(true);
  },
);

test('a trigram that is not there seems to be in one filter of several hundred, whether it is full or padded', () => {
  for (const count of [1, 64]) {
    let wrong = 0;
    for (let round = 0; round < 40; round++) {
      const filter = makeSubstringFilter(Array.from({ length: count }, (_, i) => trapdoorOf(i)));
      for (let i = 0; i < 500; i++) if (holds(filter, trapdoorOf(10_000 + i))) wrong++;
    }
    // 20,000 looks at a rate of 0.0024: 48 are to be expected.
    expect(wrong).toBeLessThan(150);
  }
});

test('more trigrams than the largest class are refused', () => {
  const trapdoor = trapdoorOf(0);
  expect(() => makeSubstringFilter(Array.from({ length: MOST_TRIGRAMS + 1 }, () => trapdoor))).toThrow(
    RangeError,
  );
});
