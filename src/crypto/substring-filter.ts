import { createHash, randomBytes } from 'node:crypto';

/** How many trigrams a filter is made for: the next of these; padded with random ones, so that only the class shows. */
const CLASSES = [64, 256, 1024, 4096] as const;
const BYTES_PER_TRIGRAM = 2;
const SALT_BYTES = 16;
const BITS_PER_CODEWORD = 4;

/** More distinct trigrams than this are not indexed: the value is a candidate of every search. */
export const MOST_TRIGRAMS = CLASSES.at(-1)!;

/**
 * A salted set of trigrams, given by their trapdoors (at most {@link MOST_TRIGRAMS}): a Bloom filter whose bits are those of
 * SHA-256(trapdoor, salt). Without a trapdoor it is indistinguishable from the filter of any other value of its class, and two filters of one
 * value have nothing in common. Layout and reasons: docs/FORMAT.md section 6.1.
 */
export function makeSubstringFilter(trapdoors: readonly Uint8Array[]): Buffer {
  const size = CLASSES.find((most) => trapdoors.length <= most);
  if (size === undefined) throw new RangeError('too many trigrams for a filter');

  const salt = randomBytes(SALT_BYTES);
  const bits = Buffer.alloc(size * BYTES_PER_TRIGRAM);
  const padding = randomBytes((size - trapdoors.length) * BITS_PER_CODEWORD * 2);
  for (let at = 0; at < padding.length; at += 2) setBit(bits, padding.readUInt16BE(at));
  for (const trapdoor of trapdoors) {
    const codeword = createHash('sha256').update(trapdoor).update(salt).digest();
    for (let i = 0; i < BITS_PER_CODEWORD; i++) setBit(bits, codeword.readUInt16BE(i * 2));
  }
  return Buffer.concat([salt, bits]);
}

/** Bit `n` modulo the number of bits, numbered as PostgreSQL's `get_bit` does: from the least significant one of the first byte. */
function setBit(bits: Buffer, n: number): void {
  const at = n % (bits.length * 8);
  bits[at >> 3]! |= 1 << (at & 7);
}
