import fc from 'fast-check';
import { newApiKey, publicIdOf } from '../../src/crypto/index.js';
import { Key } from '../../src/crypto/key.js';
import { LookupKeys } from '../../src/crypto/lookup-keys.js';

const lookup = new LookupKeys(1, Key.generate());
const PV9005 = expect.objectContaining({ code: 'PV9005' });

describe('API keys', () => {
  test('a new one has the form, names its public id and is never the same', () => {
    const keys = Array.from({ length: 200 }, () => newApiKey());
    expect(new Set(keys.map(({ key }) => key)).size).toBe(200);
    expect(new Set(keys.map(({ publicId }) => publicId)).size).toBe(200);
    for (const { key, publicId } of keys) {
      expect(key).toMatch(/^pv_live_[0-9A-Za-z]{12}_[A-Za-z0-9_-]{43}[0-9A-Za-z]{6}$/);
      expect(publicIdOf(key)).toBe(publicId);
    }
  });

  test('a single changed character is always found by the checksum', () => {
    const { key } = newApiKey();
    for (let at = 0; at < key.length; at++) {
      for (const other of ['0', 'a', '_', '-']) {
        if (key[at] === other) continue;
        expect(publicIdOf(key.slice(0, at) + other + key.slice(at + 1))).toBeNull();
      }
    }
  });

  test('cut, lengthened, padded or made up is none', () => {
    const { key } = newApiKey();
    for (const bad of [
      key.slice(0, -1),
      `${key}0`,
      ` ${key}`,
      `${key}\n`,
      key.toUpperCase(),
      '',
      'pv_live_',
    ]) {
      expect(publicIdOf(bad)).toBeNull();
    }
    fc.assert(fc.property(fc.string(), (text) => publicIdOf(text) === null));
  });

  test('the hash of a key needs the pepper', () => {
    const { key } = newApiKey();
    const other = new LookupKeys(1, Key.generate());
    expect(lookup.apiKeyHash(key)).toEqual(lookup.apiKeyHash(key));
    expect(lookup.apiKeyHash(key)).not.toEqual(other.apiKeyHash(key));
  });
});

describe('hashes', () => {
  test('of one text for different purposes, collections or properties are unrelated', () => {
    const text = '3e84e552-4a4f-4c53-9a0b-1d2e3f405162';
    const hashes = [
      lookup.blindIndex(1, 1, text),
      lookup.blindIndex(1, 2, text),
      lookup.blindIndex(2, 1, text),
      lookup.tokenHash(1, text),
      lookup.tokenHash(2, text),
      lookup.tag(1, text),
      lookup.tag(2, text),
      Buffer.from(lookup.logReference(1, text), 'hex'),
      Buffer.from(lookup.logReference(2, text), 'hex'),
      lookup.apiKeyHash(text),
      lookup.idempotency(text, text, text),
    ].map((hash) => hash.subarray(0, 16).toString('hex'));
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  test('collection 12 and property 3 are not collection 1 and property 23', () => {
    expect(lookup.blindIndex(12, 3, 'x')).not.toEqual(lookup.blindIndex(1, 23, 'x'));
  });

  test('a user, an operation and a key that slide into each other make another idempotency record', () => {
    expect(lookup.idempotency('ab', 'c', 'd')).not.toEqual(lookup.idempotency('a', 'bc', 'd'));
    expect(lookup.idempotency('a', 'b', 'cd')).not.toEqual(lookup.idempotency('a', 'bc', 'd'));
  });
});

describe('cursors', () => {
  test('come back as they were made, for the same parameters', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), (parameters, position) => {
        const wanted = JSON.parse(JSON.stringify(position)) as unknown;
        expect(lookup.readCursor(parameters, lookup.cursor(parameters, position))).toEqual(wanted);
      }),
    );
  });

  test('do not fit other parameters or another vault', () => {
    const cursor = lookup.cursor('["users"]', 5);
    expect(() => lookup.readCursor('["buyers"]', cursor)).toThrow(PV9005);
    expect(() => new LookupKeys(1, Key.generate()).readCursor('["users"]', cursor)).toThrow(PV9005);
  });

  test('that were changed or made up are refused', () => {
    const bytes = Buffer.from(lookup.cursor('p', 4711), 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => lookup.readCursor('p', flipped.toString('base64url'))).toThrow(PV9005);
    }
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => lookup.readCursor('p', text)).toThrow(PV9005);
      }),
    );
  });
});
