import fc from 'fast-check';
import { tuple, u32, u64, uuidBytes } from '../../src/crypto/tuple.js';

const element = fc.oneof(
  fc.uint8Array({ maxLength: 8 }),
  fc.string({ unit: 'binary', maxLength: 4 }).filter((text) => Buffer.from(text).toString() === text),
);
const elements = fc.array(element, { maxLength: 5 });
const asBytes = (list: (Uint8Array | string)[]): string =>
  JSON.stringify(list.map((each) => Buffer.from(each as Uint8Array).toString('hex')));

test('two lists have the same encoding only if they are the same list of bytes', () => {
  fc.assert(
    fc.property(elements, elements, (a, b) => {
      expect(tuple(...a).equals(tuple(...b))).toBe(asBytes(a) === asBytes(b));
    }),
    { numRuns: 2_000 },
  );
});

test('no list is the beginning of another', () => {
  fc.assert(
    fc.property(elements, elements, (a, b) => {
      const [one, other] = [tuple(...a), tuple(...b)];
      if (asBytes(a) !== asBytes(b)) expect(other.subarray(0, one.length).equals(one)).toBe(false);
    }),
  );
});

test('bytes that slide over a border make another encoding', () => {
  expect(tuple('ab', 'c')).not.toEqual(tuple('a', 'bc'));
  expect(tuple('ab')).not.toEqual(tuple('a', 'b'));
  expect(tuple('a', '')).not.toEqual(tuple('a'));
  expect(tuple()).not.toEqual(tuple(''));
});

test('integers are big-endian and refuse what they cannot hold', () => {
  expect(u32(0x01020304)).toEqual(Buffer.of(1, 2, 3, 4));
  expect(u64(0x0102030405)).toEqual(Buffer.of(0, 0, 0, 1, 2, 3, 4, 5));
  const rangeError = expect.objectContaining({ name: 'RangeError' });
  for (const bad of [-1, 2 ** 32, -Infinity, Infinity]) expect(() => u32(bad)).toThrow(rangeError);
  for (const bad of [-1, 0.5, NaN, Infinity]) expect(() => u64(bad)).toThrow(rangeError);
});

test('a UUID is its 16 bytes, and nothing else passes for one', () => {
  expect(uuidBytes('00112233-4455-6677-8899-AABBCCDDEEFF').toString('hex')).toBe(
    '00112233445566778899aabbccddeeff',
  );
  for (const bad of [
    '',
    'x',
    '00112233-4455-6677-8899-aabbccddeef',
    '00112233-4455-6677-8899-aabbccddeefg',
  ]) {
    expect(() => uuidBytes(bad)).toThrow(RangeError);
  }
});
