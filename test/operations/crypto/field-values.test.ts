import fc from 'fast-check';
import type { StoredProperty } from '../../../src/store/metadata.js';
import type { KnownCollection } from '../../../src/operations/collection-named.js';
import { jsonOfValue, textOfValue, valueFromText } from '../../../src/operations/crypto/field-values.js';

const collection = {
  own: new Map(['BLOB', 'JSON'].map((baseTypeName) => [baseTypeName, { baseTypeName } as StoredProperty])),
} as unknown as KnownCollection;

test('any value survives the way into a ciphertext and back, as text and as JSON', () => {
  const blob = fc.uint8Array().map((bytes) => ['BLOB', Buffer.from(bytes).toString('base64')] as const);
  const json = fc.jsonValue().map((value) => ['JSON', JSON.parse(JSON.stringify(value)) as unknown] as const);
  fc.assert(
    fc.property(fc.oneof(blob, json), ([property, value]) => {
      const text = JSON.stringify(value);
      const kept = valueFromText(collection, property, text);
      expect(textOfValue(kept)).toBe(text);
      expect(jsonOfValue(kept)).toEqual(value);
    }),
  );
});

test('bytes are kept as bytes', () => {
  const { form, value } = valueFromText(collection, 'BLOB', '"AP8="');
  expect([form, [...value]]).toEqual(['bytes', [0, 255]]);
});
