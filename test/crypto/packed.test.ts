import fc from 'fast-check';
import { type PackedField, decodePacked, encodePacked } from '../../src/crypto/index.js';
import { manifestOf } from '../../src/crypto/packed.js';

const fields = fc.uniqueArray(
  fc.record({
    property: fc.nat(0xffffffff),
    revision: fc.nat(0xffffffff),
    sealed: fc.uint8Array({ maxLength: 20 }),
  }),
  { selector: ({ property }) => property, maxLength: 12 },
);
const plain = (list: readonly PackedField[]): unknown[] =>
  list.map(({ property, revision, sealed }) => [property, revision, Buffer.from(sealed).toString('hex')]);
const PV9010 = expect.objectContaining({ code: 'PV9010' });

test('fields come out as they went in, in ascending order of property', () => {
  fc.assert(
    fc.property(fields, (list) => {
      const ascending = [...list].sort((a, b) => a.property - b.property);
      expect(plain(decodePacked(encodePacked(list)))).toEqual(plain(ascending));
    }),
  );
});

test('the order in which fields are given changes neither the column nor the manifest', () => {
  fc.assert(
    fc.property(fields, (list) => {
      expect(encodePacked([...list].reverse())).toEqual(encodePacked(list));
      expect(manifestOf([...list].reverse())).toEqual(manifestOf(list));
    }),
  );
});

test('decoding is strict: what decodes is exactly what encoding would write', () => {
  fc.assert(
    fc.property(fields, fc.nat(), fc.nat(255), (list, at, to) => {
      const bytes = encodePacked(list);
      bytes[at % bytes.length] = to;
      let decoded: PackedField[];
      try {
        decoded = decodePacked(bytes);
      } catch (error) {
        expect(error).toEqual(PV9010);
        return;
      }
      expect(encodePacked(decoded)).toEqual(bytes);
    }),
    { numRuns: 2_000 },
  );
});

test('any bytes are decoded or refused with the one error, and never read past their end', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      try {
        decodePacked(Buffer.from(bytes));
      } catch (error) {
        expect(error).toEqual(PV9010);
      }
    }),
    { numRuns: 2_000 },
  );
});

const two = encodePacked([
  { property: 1, revision: 1, sealed: Buffer.of(7, 7) },
  { property: 2, revision: 1, sealed: Buffer.of(8) },
]);
test.each<[string, Buffer]>([
  ['nothing', Buffer.alloc(0)],
  ['another format', Buffer.concat([Buffer.of(2), two.subarray(1)])],
  ['a byte left over', Buffer.concat([two, Buffer.of(0)])],
  ['a byte missing', two.subarray(0, -1)],
  ['more announced than there are', Buffer.concat([Buffer.of(1, 0, 3), two.subarray(3)])],
  ['fewer announced than there are', Buffer.concat([Buffer.of(1, 0, 1), two.subarray(3)])],
  ['a property twice', Buffer.concat([Buffer.of(1, 0, 2), two.subarray(3, 17), two.subarray(3, 17)])],
  ['descending properties', Buffer.concat([Buffer.of(1, 0, 2), two.subarray(17), two.subarray(3, 17)])],
  [
    'a length past the end',
    Buffer.concat([Buffer.of(1, 0, 1), Buffer.from('0000000100000001ffffffff', 'hex')]),
  ],
])('refused: %s', (_name, bytes) => {
  expect(() => decodePacked(bytes)).toThrow(PV9010);
});
