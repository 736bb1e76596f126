import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { ExportRoot } from '../../src/crypto/index.js';
import { Key } from '../../src/crypto/key.js';
import * as doc from './by-the-document.js';

const VECTORS = path.join(import.meta.dirname, '../vectors/coatcheck/export-1.json');
const v = JSON.parse(readFileSync(VECTORS, 'utf8'));
const second = JSON.parse(readFileSync(VECTORS.replace('-1', '-2'), 'utf8'));
const { unhex } = doc;
const rootOf = (secret: Buffer): Promise<ExportRoot> =>
  ExportRoot.load({ description: 'test', load: async () => Key.fromSecret(secret) });
type Value = { collection: string; object: string; property: string; text: string; exported: string };
const values = v.values as Value[];
type TokenValue = Omit<Value, 'object'> & { token: string; owner: string | null };
const tokenValues = second.values as TokenValue[];
let root: ExportRoot;
beforeAll(async () => {
  root = await rootOf(unhex(v.secrets.root));
});

test('the file that freezes the format is the one that was frozen', () => {
  expect(createHash('sha256').update(JSON.stringify(v)).digest('hex')).toBe(
    '474308df4dd0fca34a5104bde9700f55db5d2aeedfd194b3d43e41fe22c7c0db',
  );
  expect(createHash('sha256').update(JSON.stringify(second)).digest('hex')).toBe(
    'a0b656e653f9520e17bdcd066a0ea7abd955eb666f613e1698e0ef790c76dfb5',
  );
});

describe('docs/FORMAT.md section 12, followed by hand, gives the frozen bytes', () => {
  test('what the export root key is recognised by', () => {
    const key = doc.sub(unhex(v.secrets.root), 'coatcheck/v1/export-root');
    expect(doc.MAC(key, 'fingerprint', 32).toString('hex')).toBe(v.fingerprint);
  });

  test('the wrapped key, kept and as it travels', () => {
    const aad = doc.tuple('coatcheck/v1/export-key', doc.uuid(v.keyId));
    expect(doc.unwrap(unhex(v.secrets.root), aad, unhex(v.wrapped))).toEqual(unhex(v.secrets.key));
    const text = Buffer.concat([Buffer.of(1), doc.uuid(v.keyId), unhex(v.wrapped)]).toString('base64url');
    expect(text).toBe(v.exportKey);
  });

  test.each(values)('$property of $object', ({ collection, object, property, text, exported }) => {
    const key = doc.sub(unhex(v.secrets.key), 'coatcheck/v1/export-value');
    const aad = doc.tuple(
      'coatcheck/v1/export-value',
      doc.uuid(v.keyId),
      collection,
      doc.uuid(object),
      property,
    );
    const bytes = Buffer.from(exported, 'base64url');
    expect(bytes[0]).toBe(1);
    expect(doc.open(key, aad, bytes.subarray(1)).toString('utf8')).toBe(text);
  });
});

test.each(tokenValues)(
  'docs/FORMAT.md section 12, followed by hand, opens $property of token $token of $owner',
  ({ collection, token, owner, property, text, exported }) => {
    const key = doc.sub(unhex(v.secrets.key), 'coatcheck/v1/export-value');
    const aad = doc.tuple(
      'coatcheck/v1/export-token-value',
      doc.uuid(v.keyId),
      collection,
      token,
      owner === null ? '' : doc.uuid(owner),
      property,
    );
    const bytes = Buffer.from(exported, 'base64url');
    expect(bytes[0]).toBe(1);
    expect(doc.open(key, aad, bytes.subarray(1)).toString('utf8')).toBe(text);
  },
);

describe("the vault's own code", () => {
  test('agrees with the frozen bytes of tokens, and opens them nowhere else', () => {
    const key = root.read(v.exportKey);
    for (const { text, exported, ...place } of tokenValues) {
      expect(key.open(place, exported)).toBe(text);
      const owner = place.owner === null ? values[0]!.object : null;
      for (const moved of [{ token: 'other' }, { owner }, { property: 'x' }, { collection: 'x' }])
        expect(() => key.open({ ...place, ...moved }, exported)).toThrow();
      const { collection, property } = place;
      expect(() => key.open({ collection, property, object: values[0]!.object }, exported)).toThrow();
    }
  });

  test('agrees with the frozen bytes', () => {
    expect(root.fingerprint.toString('hex')).toBe(v.fingerprint);
    expect(root.open({ keyId: v.keyId, wrapped: unhex(v.wrapped) }).text).toBe(v.exportKey);
    const key = root.read(v.exportKey);
    for (const { text, exported, ...place } of values) expect(key.open(place, exported)).toBe(text);
  });

  test('a new key travels and opens what it sealed, no two of them are alike, and another root does not know it', async () => {
    const stored = root.newKey();
    const key = root.open(stored);
    const place = values[0]!;
    expect(root.read(key.text).open(place, key.seal(place, '"x"'))).toBe('"x"');
    expect(key.seal(place, '"x"')).not.toBe(key.seal(place, '"x"'));
    expect(root.newKey().wrapped).not.toEqual(stored.wrapped);
    const other = await rootOf(Buffer.alloc(32, 7));
    expect(other.fingerprint).not.toEqual(root.fingerprint);
    expect(() => other.read(key.text)).toThrow(expect.objectContaining({ code: 'PV9033' }));
    expect(() => other.open(stored)).toThrow(expect.objectContaining({ code: 'PV9010' }));
  });

  test.each([
    ['object', { object: '0b8f8a8c-6a0e-4a0e-9a39-0d5d1f6b6c12' }],
    ['property', { property: 'ssm' }],
    ['collection', { collection: 'user' }],
    ['neighbouring names', { collection: 'user', property: 'sssn' }],
  ])('a value moved to another %s does not open', (_name, moved) => {
    const { exported, ...place } = values[0]!;
    const key = root.read(v.exportKey);
    expect(() => key.open({ ...place, ...moved }, exported)).toThrow(
      expect.objectContaining({ code: 'PV9032' }),
    );
  });

  test('a value does not open with another export key, nor with the same key under another id', () => {
    const { exported, ...place } = values[0]!;
    const own = root.newKey();
    expect(() => root.open(own).open(place, exported)).toThrow(expect.objectContaining({ code: 'PV9032' }));
    const renamed = Buffer.from(v.exportKey, 'base64url');
    renamed[1]! ^= 1;
    expect(() => root.read(renamed.toString('base64url'))).toThrow(
      expect.objectContaining({ code: 'PV9033' }),
    );
  });

  test('whatever is changed in a value or a key, it does not open, and the one error says so', () => {
    const { exported, ...place } = values[0]!;
    const key = root.read(v.exportKey);
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 255 }), fc.boolean(), (at, flip, ofKey) => {
        const bytes = Buffer.from(ofKey ? v.exportKey : exported, 'base64url');
        bytes[at % bytes.length]! ^= flip;
        const text = bytes.toString('base64url');
        const work = (): unknown => (ofKey ? root.read(text) : key.open(place, text));
        expect(work).toThrow(expect.objectContaining({ code: ofKey ? 'PV9033' : 'PV9032' }));
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => key.open(place, text)).toThrow(expect.objectContaining({ code: 'PV9032' }));
        expect(() => root.read(text)).toThrow(expect.objectContaining({ code: 'PV9033' }));
      }),
    );
  });

  test('only one spelling of the bytes is taken', () => {
    const { exported, ...place } = values[0]!;
    const key = root.read(v.exportKey);
    const base64 = Buffer.from(exported, 'base64url').toString('base64');
    for (const text of [base64, `${exported}=`, `${exported} `, `\n${exported}`])
      if (text !== exported) expect(() => key.open(place, text)).toThrow();
  });
});
