import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import sodium from 'libsodium-wrappers';
import {
  type CiphertextType,
  type Content,
  type KeysetVersion,
  openCiphertext,
  readCiphertext,
  sealCiphertext,
} from '../../src/crypto/index.js';
import { Key } from '../../src/crypto/key.js';
import { KeysetVersion as Keyset } from '../../src/crypto/keyset.js';
import {
  type Field,
  type Keyset as KeysetOnPaper,
  contentOf,
  decipher,
} from './ciphertext-by-the-document.js';

interface Vector {
  name: string;
  type: CiphertextType;
  scope: string;
  expires: number | null;
  tags: string[];
  fields: Field[];
  ciphertext: string;
}
const FILE = path.join(import.meta.dirname, '../vectors/coatcheck/ciphertext-1.json');
const v = JSON.parse(readFileSync(FILE, 'utf8')) as { keyset: KeysetOnPaper; ciphertexts: Vector[] };
const { id, version, collection, tenant, secret } = v.keyset;
const keyset = new Keyset(id, version, Key.fromSecret(Buffer.from(secret, 'hex')), collection, tenant);
const PV9047 = expect.objectContaining({ code: 'PV9047', context: {}, detail: undefined });

const content = (expires: number | null, tags: string[], fields: Field[]): Content => ({
  expiresAt: expires === null ? null : new Date(expires),
  tags,
  fields: fields.map(({ property, form, value }) => ({
    property,
    form,
    value: Buffer.from(value, form === 'json' ? 'utf8' : 'hex'),
  })),
});
const plain = content(null, [], [{ property: 17, form: 'json', value: '"45860945864"' }]);
const open = (bytes: Buffer, by: KeysetVersion = keyset, at = collection, scope = 'default'): Content =>
  openCiphertext(by, readCiphertext(bytes), at, scope);

test('the file that freezes the format is the one that was frozen', () => {
  expect(createHash('sha256').update(JSON.stringify(v)).digest('hex')).toBe(
    'f58899015bc434e4e7d1b0bd8c7949d85a2dce005ce2867ee473fc27f8342f8e',
  );
});

describe.each(v.ciphertexts)('frozen $type ciphertext: $name', (vector) => {
  const { type, scope, expires, tags, fields, ciphertext } = vector;

  test('docs/FORMAT.md, followed by hand, opens it', () => {
    expect(decipher(v.keyset, scope, ciphertext)).toEqual({
      type,
      content: contentOf(expires, tags, fields),
    });
  });

  test('the code opens it, and seals the same where it is deterministic', () => {
    const opened = open(Buffer.from(ciphertext, 'base64'), keyset, collection, scope);
    const expected = content(expires, tags, fields);
    expect(opened).toEqual({
      ...expected,
      fields: [...expected.fields].sort((a, b) => a.property - b.property),
    });
    const again = sealCiphertext(keyset, type, scope, expected).toString('base64');
    expect(again === ciphertext).toBe(type === 'deterministic');
    expect(decipher(v.keyset, scope, again).content).toEqual(contentOf(expires, tags, fields));
  });
});

test('libsodium hashes the same with an empty key as without one, as the checker above assumes', () => {
  const message = Buffer.from('abc');
  expect(sodium.crypto_generichash(32, message, Buffer.alloc(0))).toEqual(
    sodium.crypto_generichash(32, message, null),
  );
});

describe.each<CiphertextType>(['randomized', 'deterministic'])('a %s ciphertext', (type) => {
  const whole = sealCiphertext(keyset, type, 'default', plain);

  test('does not open with any one bit flipped', () => {
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const flipped = Buffer.from(whole);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => open(flipped)).toThrow(PV9047);
    }
  });

  test('does not open truncated anywhere, or with something behind it', () => {
    for (let end = 0; end < whole.length; end++) {
      expect(() => open(whole.subarray(0, end))).toThrow(PV9047);
    }
    expect(() => open(Buffer.concat([whole, Buffer.of(0)]))).toThrow(PV9047);
  });

  test.each<[string, KeysetVersion, number, string]>([
    ['another scope', keyset, collection, 'Default'],
    ['no scope', keyset, collection, ''],
    ['another collection, whose keyset it names', keyset, collection + 1, 'default'],
    ['the same key in another collection', twin({ collection: collection + 1 }), collection + 1, 'default'],
    ['the same key for another tenant', twin({ tenant: 'b' }), collection, 'default'],
    ['the same key as another version', twin({ version: 4 }), collection, 'default'],
    ['the same key as another keyset', twin({ id: randomUUID() }), collection, 'default'],
    ['another key', twin({ key: Key.generate() }), collection, 'default'],
  ])('does not open at %s', (_, by, at, scope) => {
    expect(open(whole)).toEqual(plain);
    expect(() => open(whole, by, at, scope)).toThrow(PV9047);
  });

  test('does not open as the other type', () => {
    const other = Buffer.from(whole);
    other[2] = 3 - other[2]!;
    expect(() => open(other)).toThrow(PV9047);
  });

  test('opens to exactly what was sealed', () => {
    const field = fc.record({
      property: fc.nat(0xffff_ffff),
      form: fc.constantFrom('json' as const, 'bytes' as const),
      value: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    });
    const anything = fc.record({
      expiresAt: fc.option(fc.date({ min: new Date(1), noInvalidDate: true })),
      tags: fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 4 }),
      fields: fc
        .uniqueArray(field, { selector: ({ property }) => property, maxLength: 6 })
        .map((fields) => fields.sort((a, b) => a.property - b.property)),
    });
    fc.assert(
      fc.property(anything, fc.string({ unit: 'grapheme' }), (given, scope) => {
        const sealed = sealCiphertext(keyset, type, scope, given);
        expect(open(sealed, keyset, collection, scope)).toEqual(given);
      }),
    );
  });
});

/** A keyset version that differs in one thing. */
function twin(change: {
  id?: string;
  version?: number;
  collection?: number;
  tenant?: string;
  key?: Key;
}): KeysetVersion {
  return new Keyset(
    change.id ?? id,
    change.version ?? version,
    change.key ?? Key.fromSecret(Buffer.from(secret, 'hex')),
    change.collection ?? collection,
    change.tenant ?? tenant,
  );
}

describe('deterministic', () => {
  const seal = (given: Content, by: KeysetVersion = keyset, scope = 'default'): string =>
    sealCiphertext(by, 'deterministic', scope, given).toString('base64');
  const field = (property: number, value: string): Field => ({ property, form: 'json', value });

  test('is the same for the same content in any order, for as long as the keyset version is', () => {
    const fields = [field(3, '"a"'), field(1, '"b"'), field(2, '"c"')];
    const texts = [fields, [...fields].reverse(), [fields[1]!, fields[0]!, fields[2]!]].map((order) =>
      seal(content(null, [], order)),
    );
    expect(new Set(texts).size).toBe(1);
    expect(seal(content(null, [], fields), twin({}))).toBe(texts[0]);
  });

  test('differs with everything that it is made of, values that slide into each other included', () => {
    const of = (...fields: Field[]): Content => content(null, [], fields);
    const texts = [
      seal(of(field(1, '"a"'))),
      seal(of(field(1, '"b"'))),
      seal(of(field(2, '"a"'))),
      seal(of(field(1, '"ab"'), field(2, '"c"'))),
      seal(of(field(1, '"a"'), field(2, '"bc"'))),
      seal(of({ ...field(1, ''), form: 'bytes', value: Buffer.from('"a"').toString('hex') })),
      seal(content(1_900_000_000_000, [], [field(1, '"a"')])),
      seal(of(field(1, '"a"')), keyset, 'other'),
      seal(of(field(1, '"a"')), twin({ tenant: '' })),
      seal(of(field(1, '"a"')), twin({ collection: collection + 1 })),
      seal(of(field(1, '"a"')), twin({ version: 4, key: Key.generate() })),
    ];
    expect(new Set(texts).size).toBe(texts.length);
  });
});

test('randomized is never the same twice', () => {
  const texts = Array.from({ length: 200 }, () =>
    sealCiphertext(keyset, 'randomized', 'default', plain).toString('base64'),
  );
  expect(new Set(texts).size).toBe(200);
});

test('the largest values pass through one fixed piece of WebAssembly memory, which does not grow call by call', () => {
  const memory = (): number =>
    (sodium as unknown as { libsodium: { HEAPU8: Uint8Array } }).libsodium.HEAPU8.length;
  const blob = Buffer.alloc(5 * 1024 * 1024, 7);
  const large: Content = { ...plain, fields: [{ property: 1, form: 'bytes', value: blob }] };
  const through = (): void => {
    const sealed = sealCiphertext(keyset, 'deterministic', 'default', large);
    expect(blob.equals(open(sealed).fields[0]!.value)).toBe(true);
  };
  through();
  const after = memory();
  expect(after).toBeLessThan(32 * 1024 * 1024);
  for (let i = 0; i < 20; i++) through();
  expect(memory()).toBe(after);
});
