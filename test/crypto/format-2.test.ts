import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type TokenRow, openTokenMeta } from '../../src/crypto/index.js';
import { Key } from '../../src/crypto/key.js';
import { KeysetVersion } from '../../src/crypto/keyset.js';
import { LookupKeys } from '../../src/crypto/lookup-keys.js';
import { ObjectKey } from '../../src/crypto/object-key.js';
import * as doc from './by-the-document.js';

const v = JSON.parse(
  readFileSync(path.join(import.meta.dirname, '../vectors/coatcheck/format-2.json'), 'utf8'),
);
const { unhex } = doc;
const secret = (name: string): Buffer => unhex(v.secrets[name]);
type Named = Record<string, any>; // eslint-disable-line @typescript-eslint/no-explicit-any

test('the file that freezes these formats is the one that was frozen', () => {
  expect(createHash('sha256').update(JSON.stringify(v)).digest('hex')).toBe(
    '25d4647d294ed1d2f46e090dc9c50fd8a0618d05201a2608547925d0b3643a0a',
  );
});

describe('docs/FORMAT.md, followed by hand, gives the frozen bytes', () => {
  const keyFor = (label: string, space: number): Buffer =>
    doc.sub(secret('lookup'), `coatcheck/v1/${label}`, doc.u32(space));

  test.each(v.values as Named[])('values of $scope', (values) => {
    const tuple = doc.valuesTuple(values as unknown as doc.Values);
    for (const [type, hash] of Object.entries(values.hashes)) {
      const message = doc.tuple(type, tuple);
      expect(doc.MAC(keyFor('token-values', values.space), message, 32).toString('hex')).toBe(hash);
    }
    const id = doc.MAC(keyFor('deterministic-token', values.space), tuple, 16).toString('hex');
    expect(values.deterministic.split('-').map((part: string) => part.length)).toEqual([8, 4, 4, 4, 12]);
    expect(values.deterministic.replaceAll('-', '')).toBe(id);
    values.cardDigits.forEach((digits: number, attempt: number) => {
      const message = doc.tuple(tuple, doc.u32(attempt));
      const bytes = doc.MAC(keyFor('deterministic-card', values.space), message, 16);
      expect(Number(bytes.readBigUInt64BE(0) % 100_000n)).toBe(digits);
    });
  });

  test('the sealed part of a token that has a value hash', () => {
    const { tokenMeta: token } = v;
    const aad = doc.tokenMetaAad({
      ...token,
      hash: unhex(token.hash),
      object: null,
      snapshot: null,
      valueHash: unhex(token.valueHash),
    });
    const opened = doc.open(doc.sub(secret('token'), 'coatcheck/v1/token'), aad, unhex(token.sealed));
    const { token_id, props, tags, expires } = token;
    expect(opened.toString('utf8')).toBe(JSON.stringify({ token_id, props, tags, expires }));
  });

  test('a transaction and the ids in it', () => {
    const { collection, operation, id, bytes, ids, sealed } = v.transaction;
    const key = doc.sub(secret('lookup'), 'coatcheck/v1/transaction', doc.u32(collection));
    const transaction = doc.MAC(key, doc.tuple(operation, id), 32);
    expect(transaction.toString('hex')).toBe(bytes);
    const aad = doc.tuple('coatcheck/v1/answer', transaction);
    const opened = doc.open(doc.sub(secret('keyset'), 'coatcheck/v1/answer'), aad, unhex(sealed));
    expect(opened.toString('utf8')).toBe(ids);
  });
});

describe('the vault makes and opens the frozen bytes', () => {
  const lookup = new LookupKeys(2, Key.fromSecret(secret('lookup')));

  test.each(v.values as Named[])('values of $scope', (each) => {
    const values = { space: each.space, scope: each.scope, values: [...each.values].reverse() };
    for (const [type, hash] of Object.entries(each.hashes)) {
      expect(lookup.tokenValues(type, values).toString('hex')).toBe(hash);
    }
    expect(lookup.deterministicToken(values)).toBe(each.deterministic);
    expect([0, 1].map((attempt) => lookup.deterministicCardDigits(values, attempt))).toEqual(each.cardDigits);
  });

  test('the sealed part of a token opens with its value hash and with no other', () => {
    const { tokenMeta: token } = v;
    const key = new ObjectKey(Key.fromSecret(secret('token')), token.keyId);
    const row: TokenRow = {
      ...token,
      hash: unhex(token.hash),
      object: null,
      snapshot: null,
      valueHash: unhex(token.valueHash),
    };
    const expiresAt = new Date(token.expires);
    const { token_id: tokenId, props, tags } = token;
    expect(openTokenMeta(key, row, unhex(token.sealed), expiresAt)).toEqual({
      tokenId,
      props,
      tags,
      expiresAt,
    });
    for (const valueHash of [null, Buffer.alloc(32)]) {
      expect(() => openTokenMeta(key, { ...row, valueHash }, unhex(token.sealed), expiresAt)).toThrow(
        expect.objectContaining({ code: 'PV9010' }),
      );
    }
  });

  test('a transaction and the ids in it', () => {
    const { collection, operation, id, bytes, ids, sealed } = v.transaction;
    const transaction = lookup.transaction(collection, operation, id);
    expect(transaction.toString('hex')).toBe(bytes);
    const keyset = new KeysetVersion(
      '5b1e0c1a-7d0f-4b7e-9a51-0d6a5f2f3c01',
      3,
      Key.fromSecret(secret('keyset')),
      0,
      '',
    );
    expect(keyset.openAnswer(transaction, unhex(sealed))).toBe(ids);
  });
});
