import { randomUUID } from 'node:crypto';
import {
  Keyring,
  type KeysetVersion,
  type ObjectKey,
  type ObjectState,
  type Place,
  type TokenRow,
  derivedEpochs,
  openField,
  openTokenField,
  openTokenMeta,
  sealField,
  sealFields,
  sealTokenField,
  sealTokenMeta,
} from '../../src/crypto/index.js';
import { Key } from '../../src/crypto/key.js';
import { memoryKeystore } from './memory-keystore.js';

const PV9010 = expect.objectContaining({ code: 'PV9010', context: {}, detail: undefined });
const place: Place = { tenant: 't', collection: 7, record: randomUUID() };
const expiresAt = new Date('2040-01-01T00:00:00Z');

let keyring: Keyring;
let keyset: KeysetVersion;
let key: ObjectKey;
beforeAll(async () => {
  keyring = await Keyring.unlock(memoryKeystore(), derivedEpochs(Key.generate()));
  keyset = await keyring.sealing(7, 't');
  key = keyset.newObjectKey();
});

const elsewhere: readonly [string, Partial<Place>][] = [
  ['another tenant', { tenant: 'u' }],
  ['no tenant', { tenant: '' }],
  ['another collection', { collection: 8 }],
  ['another record', { record: randomUUID() }],
  ['a collection that no row can have', { collection: -1 }],
];

describe('a field opens only', () => {
  test('where it was sealed', () => {
    expect(openField(key, place, sealField(key, place, 3, 5, '"x"'))).toBe('"x"');
  });
  test('where it was sealed, also one of several sealed together', () => {
    const values = [3, 300, 70_000].map((property) => ({ property, text: `"${property}"` }));
    const fields = sealFields(key, { ...place, tenant: 'Zürich' }, 5, values);
    const at = { ...place, tenant: 'Zürich' };
    expect(fields.map((field) => openField(key, at, field))).toEqual(['"3"', '"300"', '"70000"']);
    expect(() => openField(key, at, { ...fields[0]!, property: 300 })).toThrow(PV9010);
    expect(() => openField(key, at, { ...fields[0]!, revision: 6 })).toThrow(PV9010);
  });
  test.each(elsewhere)('not at %s', (_name, other) => {
    const field = sealField(key, place, 3, 5, '"x"');
    expect(() => openField(key, { ...place, ...other }, field)).toThrow(PV9010);
  });
  test.each<[string, object]>([
    ['as another property', { property: 4 }],
    ['at another revision', { revision: 6 }],
    ['at an older revision', { revision: 4 }],
    ['at a revision that no row can have', { revision: -1 }],
    ['as a property that no row can have', { property: 2 ** 32 }],
  ])('not %s', (_name, change) => {
    const field = sealField(key, place, 3, 5, '"x"');
    expect(() => openField(key, place, { ...field, ...change })).toThrow(PV9010);
  });
  test('not under the key of another object, nor under a key of the same object that was replaced', () => {
    const field = sealField(key, place, 3, 5, '"x"');
    expect(() => openField(keyset.newObjectKey(), place, field)).toThrow(PV9010);
  });
  test('not as a field of a snapshot, nor the other way round', () => {
    expect(() => openTokenField(key, place, sealField(key, place, 3, 5, '"x"'))).toThrow(PV9010);
    expect(() => openField(key, place, sealTokenField(key, place, 3, 5, '"x"'))).toThrow(PV9010);
  });
});

describe('an object key opens only', () => {
  const none = Buffer.alloc(0);
  const state: ObjectState = {
    revision: 4,
    fields: [
      { property: 1, revision: 4, sealed: none },
      { property: 2, revision: 3, sealed: none },
    ],
    expiresAt,
    owner: { collection: 5, id: randomUUID() },
  };

  test('in its place and state, in whatever order the fields are given', () => {
    const stored = keyset.wrapObjectKey(key, place, state);
    const reversed = { ...state, fields: [...state.fields].reverse() };
    expect(keyset.openObjectKey(stored, place, reversed).id).toBe(key.id);
  });
  test.each(elsewhere)('not at %s', (_name, other) => {
    const stored = keyset.wrapObjectKey(key, place, state);
    expect(() => keyset.openObjectKey(stored, { ...place, ...other }, state)).toThrow(PV9010);
  });
  test.each<[string, Partial<ObjectState>]>([
    ['at the revision before', { revision: 3 }],
    ['at the next revision', { revision: 5 }],
    ['at a revision that no row can have', { revision: -4 }],
    ['with a field less', { fields: state.fields.slice(1) }],
    ['without fields', { fields: [] }],
    ['with a field more', { fields: [...state.fields, { property: 3, revision: 4, sealed: none }] }],
    ['with an older field', { fields: [{ property: 1, revision: 3, sealed: none }, state.fields[1]!] }],
    ['without its expiry', { expiresAt: null }],
    ['a millisecond longer', { expiresAt: new Date(expiresAt.getTime() + 1) }],
    ['with an expiry before 1970', { expiresAt: new Date(-1) }],
    ['with an expiry that is none', { expiresAt: new Date(NaN) }],
    ['with the infinity that the driver makes of an endless timestamp', { expiresAt: Infinity as never }],
    ['without its owner', { owner: null }],
    ['with another owner', { owner: { collection: 5, id: randomUUID() } }],
    ['with an owner in another collection', { owner: { ...state.owner!, collection: 6 } }],
  ])('not %s', (_name, change) => {
    const stored = keyset.wrapObjectKey(key, place, state);
    expect(() => keyset.openObjectKey(stored, place, { ...state, ...change })).toThrow(PV9010);
  });
  test('that never expires not as one that expired when 1970 began', () => {
    const never = { ...state, expiresAt: null };
    const stored = keyset.wrapObjectKey(key, place, never);
    expect(() => keyset.openObjectKey(stored, place, { ...never, expiresAt: new Date(0) })).toThrow(PV9010);
  });
  test('not with another key id', () => {
    const stored = { ...keyset.wrapObjectKey(key, place, state), keyId: randomUUID() };
    expect(() => keyset.openObjectKey(stored, place, state)).toThrow(PV9010);
  });
  test('not under another keyset, also one of the same collection', async () => {
    const stored = keyset.wrapObjectKey(key, place, state);
    const other = await keyring.sealing(7, 'u');
    expect(() => other.openObjectKey(stored, place, state)).toThrow(PV9010);
  });
  test("not as an ownerless token's key, nor the other way round", () => {
    const bare = { revision: 0, fields: [], expiresAt: null, owner: null };
    expect(() => keyset.openTokenKey(keyset.wrapObjectKey(key, place, bare), place)).toThrow(PV9010);
    expect(() => keyset.openObjectKey(keyset.wrapTokenKey(key, place), place, bare)).toThrow(PV9010);
  });
  test.each(elsewhere)("and an ownerless token's key not at %s", (_name, other) => {
    const stored = keyset.wrapTokenKey(key, place);
    expect(keyset.openTokenKey(stored, place).id).toBe(key.id);
    expect(() => keyset.openTokenKey(stored, { ...place, ...other })).toThrow(PV9010);
  });
});

describe('a token row opens only', () => {
  const row: TokenRow = {
    ...place,
    hash: Buffer.alloc(32, 1),
    type: 'randomized',
    scope: 'default',
    object: randomUUID(),
    revision: 2,
    snapshot: [{ property: 1, revision: 1, sealed: Buffer.alloc(0) }],
    valueHash: null,
  };
  const meta = { tokenId: randomUUID(), props: [1, 0], tags: ['a'], expiresAt };

  test('as it was sealed', () => {
    expect(openTokenMeta(key, row, sealTokenMeta(key, row, meta), expiresAt)).toEqual(meta);
  });
  test.each<[string, Partial<TokenRow>]>([
    ...elsewhere,
    ['another hash', { hash: Buffer.alloc(32, 2) }],
    ['another type', { type: 'pointer' }],
    ['another scope', { scope: 'other' }],
    ['type and scope with a letter moved', { type: 'randomize', scope: 'ddefault' }],
    ['another object', { object: randomUUID() }],
    ['no object', { object: null }],
    ['another revision', { revision: 1 }],
    ['a revision that no row can have', { revision: -1 }],
    ['no snapshot', { snapshot: null }],
    ['an empty snapshot', { snapshot: [] }],
    ['a snapshot of another property', { snapshot: [{ ...row.snapshot![0]!, property: 2 }] }],
    ['a value hash', { valueHash: Buffer.alloc(32) }],
  ])('not with %s', (_name, change) => {
    const sealed = sealTokenMeta(key, row, meta);
    expect(() => openTokenMeta(key, { ...row, ...change }, sealed, expiresAt)).toThrow(PV9010);
  });
  test.each<[string, Date | null]>([
    ['without its expiry', null],
    ['a millisecond longer', new Date(expiresAt.getTime() + 1)],
    ['with the infinity that the driver makes of an endless timestamp', Infinity as never],
    ['with a moment that is none', new Date(NaN)],
  ])('not %s', (_name, expiry) => {
    expect(() => openTokenMeta(key, row, sealTokenMeta(key, row, meta), expiry)).toThrow(PV9010);
  });
  test('not one sealed without expiry, given one', () => {
    const sealed = sealTokenMeta(key, row, { ...meta, expiresAt: null });
    expect(() => openTokenMeta(key, row, sealed, new Date(0))).toThrow(PV9010);
  });
});

describe('a kept answer opens only', () => {
  test('under its record and its keyset', async () => {
    const sealed = keyset.sealAnswer(Buffer.alloc(32, 1), '{"id":"x"}');
    expect(keyset.openAnswer(Buffer.alloc(32, 1), sealed)).toBe('{"id":"x"}');
    expect(() => keyset.openAnswer(Buffer.alloc(32, 2), sealed)).toThrow(PV9010);
    const other = await keyring.sealing(0, '');
    expect(() => other.openAnswer(Buffer.alloc(32, 1), sealed)).toThrow(PV9010);
  });
});
