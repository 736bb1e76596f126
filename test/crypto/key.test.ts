import { Console } from 'node:console';
import { PassThrough } from 'node:stream';
import { inspect } from 'node:util';
import v8 from 'node:v8';
import fc from 'fast-check';
import {
  Keyring,
  type KeysetVersion,
  type LookupKeys,
  type ObjectKey,
  derivedEpochs,
} from '../../src/crypto/index.js';
import { Key, WRAPPED_BYTES } from '../../src/crypto/key.js';
import { LookupKeys as Lookup } from '../../src/crypto/lookup-keys.js';
import { KeysetVersion as Keyset } from '../../src/crypto/keyset.js';
import { ObjectKey as DataKey } from '../../src/crypto/object-key.js';
import { freshBytes, freshNonce } from '../../src/crypto/random.js';
import { memoryKeystore } from './memory-keystore.js';

const SECRET = Buffer.from('c0a7c4ec'.repeat(8), 'hex');
const key = Key.fromSecret(SECRET);
const aad = Buffer.from('aad');
const PV9010 = expect.objectContaining({
  code: 'PV9010',
  message: 'The stored data does not pass its integrity check.',
  context: {},
  detail: undefined,
});

/** How opening was refused; a thousand matchers with their stacks would take seconds. */
function refusalOf(open: () => unknown): unknown {
  try {
    open();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return 'opened';
}

test('what is sealed opens to the same bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 30 }), (plaintext, bound) => {
      const sealed = key.seal(bound, plaintext);
      expect(sealed.length).toBe(plaintext.length + 40);
      expect(key.open(bound, sealed)).toEqual(Buffer.from(plaintext));
    }),
  );
});

test('sealing the same twice gives two ciphertexts', () => {
  expect(key.seal(aad, Buffer.from('x'))).not.toEqual(key.seal(aad, Buffer.from('x')));
});

test('another key, other associated data, any flipped bit and any cut are the one error', () => {
  const sealed = key.seal(aad, Buffer.from('"078-05-1120"'));
  expect(() => Key.generate().open(aad, sealed)).toThrow(PV9010);
  expect(() => key.open(Buffer.from('aae'), sealed)).toThrow(PV9010);
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const flipped = Buffer.from(sealed);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    expect(refusalOf(() => key.open(aad, flipped))).toBe('PV9010');
  }
  for (let length = 0; length < sealed.length; length++) {
    expect(refusalOf(() => key.open(aad, sealed.subarray(0, length)))).toBe('PV9010');
    expect(refusalOf(() => key.open(aad, sealed.subarray(sealed.length - length)))).toBe('PV9010');
  }
  expect(() => key.open(aad, Buffer.concat([sealed, Buffer.alloc(1)]))).toThrow(PV9010);
});

test('a wrapped key unwraps only under its key, for its purpose and unchanged', () => {
  const child = Key.generate();
  const wrapped = key.wrap(child, aad);
  expect(wrapped.length).toBe(WRAPPED_BYTES);
  expect(key.unwrap(wrapped, aad).mac(aad, 32)).toEqual(child.mac(aad, 32));

  expect(() => Key.generate().unwrap(wrapped, aad)).toThrow(PV9010);
  expect(() => key.unwrap(wrapped, Buffer.from('aae'))).toThrow(PV9010);
  for (let bit = 0; bit < wrapped.length * 8; bit++) {
    const flipped = Buffer.from(wrapped);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    expect(refusalOf(() => key.unwrap(flipped, aad))).toBe('PV9010');
  }
  for (let length = 0; length < wrapped.length; length++) {
    expect(refusalOf(() => key.unwrap(wrapped.subarray(0, length), aad))).toBe('PV9010');
  }
  expect(() => key.unwrap(Buffer.concat([wrapped, Buffer.alloc(1)]), aad)).toThrow(PV9010);
});

test('the commitment is checked: a wrap with the commitment of another does not open, though its ciphertext would', () => {
  const [one, other] = [key.wrap(Key.generate(), aad), key.wrap(Key.generate(), aad)];
  const mixed = Buffer.concat([one.subarray(0, 26), other.subarray(26, 58), one.subarray(58)]);
  expect(() => key.unwrap(mixed, aad)).toThrow(PV9010);
});

test('a wrap is no seal and a seal is no wrap', () => {
  const wrapped = key.wrap(Key.generate(), aad);
  expect(() => key.open(aad, Buffer.concat([wrapped.subarray(2, 26), wrapped.subarray(58)]))).toThrow(PV9010);
  const sealed = key.seal(aad, Buffer.alloc(66));
  expect(sealed.length).toBe(WRAPPED_BYTES);
  expect(() => key.unwrap(sealed, aad)).toThrow(PV9010);
});

test('sub-keys of different labels or ids are unrelated, of equal ones equal', () => {
  const probe = (sub: Key): string => sub.mac(aad, 32).toString('hex');
  const all = [key, key.sub('a'), key.sub('b'), key.sub('a', 'b'), key.sub('a', Buffer.of(0)), key.sub('ab')];
  expect(new Set(all.map(probe)).size).toBe(all.length);
  expect(probe(key.sub('a', 'b'))).toBe(probe(key.sub('a', 'b')));
});

test('a secret has exactly 32 bytes and is copied', () => {
  for (const length of [0, 31, 33, 64])
    expect(() => Key.fromSecret(Buffer.alloc(length))).toThrow(RangeError);
  const secret = Buffer.from(SECRET);
  const made = Key.fromSecret(secret);
  secret.fill(0);
  expect(made.mac(aad, 32)).toEqual(key.mac(aad, 32));
});

test('a destroyed key opens nothing any more', () => {
  const doomed = Key.generate();
  const sealed = doomed.seal(aad, aad);
  doomed.destroy();
  expect(() => doomed.open(aad, sealed)).toThrow(PV9010);
});

test('random bytes are never handed out twice and do not stay behind in the pool', () => {
  const seen = new Set<string>();
  for (let i = 0; i < 2_000; i++) seen.add(Buffer.from(freshNonce()).toString('hex'));
  expect(seen.size).toBe(2_000);
  const [one, two] = [freshBytes(32), freshBytes(32)];
  expect(one.buffer).not.toBe(two.buffer);
  expect(one.buffer.byteLength).toBe(32);
});

describe('no key shows', () => {
  const objectKey: ObjectKey = new DataKey(key, '9d3f2c55-10c4-4a52-8f0e-7c1b2a3d4e5f');
  const keyset: KeysetVersion = new Keyset('9d3f2c55-10c4-4a52-8f0e-7c1b2a3d4e5f', 1, key, 1, '');
  const lookup: LookupKeys = new Lookup(1, key);
  let keyring: Keyring;
  beforeAll(async () => {
    keyring = await Keyring.unlock(memoryKeystore(), derivedEpochs(key));
    await keyring.sealing(1, '');
    // Sub-keys that were derived are kept; they must not show either.
    lookup.tokenHash(1, 'x');
    objectKey.fields.seal(aad, aad);
    keyset.ciphertexts.seal(true, aad, aad);
  });

  /** The key and those derived from it, in every form in which bytes come out of a program. */
  function formsOf(bytes: Uint8Array): string[] {
    const buffer = Buffer.from(bytes);
    return [
      buffer.toString('hex'),
      buffer.toString('base64').slice(0, 40),
      buffer.toString('base64url').slice(0, 40),
      buffer.toString('latin1'),
      [...buffer].join(','),
      [...buffer].map((byte) => byte.toString(16).padStart(2, '0')).join(' '),
      [...buffer].join(', '),
    ];
  }
  const forbidden = formsOf(SECRET);

  test.each([
    ['a key', () => key],
    ['an object key', () => objectKey],
    ['a keyset', () => keyset],
    ['the lookup keys', () => lookup],
    ['the keyring', () => keyring],
    ['the epochs', () => derivedEpochs(key)],
    ['an error thrown by opening', () => thrownBy(() => key.open(aad, Buffer.alloc(60)))],
  ])('%s, printed, serialised or cloned', (_name, subject) => {
    const thing: unknown = subject();
    const shown = [
      JSON.stringify(thing) ?? '',
      JSON.stringify({ thing, nested: [thing] }),
      inspect(thing, { depth: 20, showHidden: true, getters: false, maxArrayLength: null }),
      inspect({ thing }, { depth: 20, compact: false }),
      `${String(thing)} ${JSON.stringify(Object.entries(thing as object))}`,
      JSON.stringify(Object.getOwnPropertyDescriptors(thing)),
      printed(thing),
      ...cloned(thing),
    ].join('\n');
    for (const form of forbidden) expect(shown.includes(form)).toBe(false);
    expect(shown).not.toMatch(/Uint8Array|Buffer\(/);
  });

  test('a key spread, assigned or iterated is empty', () => {
    expect({ ...key }).toEqual({});
    expect(Object.keys(key)).toEqual([]);
    expect(Reflect.ownKeys(key)).toEqual([]);
    expect(Object.assign({}, key)).toEqual({});
  });

  function printed(thing: unknown): string {
    const output = new PassThrough();
    const console = new Console(output, output);
    console.log(thing);
    console.dir(thing, { depth: 20, showHidden: true });
    console.table([thing]);
    console.error('%o %O %j', thing, thing, thing);
    return (output.read() as Buffer).toString('utf8');
  }

  /** What cannot be cloned does not get out; what can comes out empty. */
  function cloned(thing: unknown): string[] {
    return [() => structuredClone(thing), () => v8.deserialize(v8.serialize(thing)) as unknown].map(
      (clone) => {
        try {
          return inspect(clone(), { depth: 20, showHidden: true });
        } catch {
          return '';
        }
      },
    );
  }

  function thrownBy(work: () => unknown): unknown {
    try {
      return work();
    } catch (error) {
      return error;
    }
  }
});
