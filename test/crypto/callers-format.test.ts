import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { encodeEntry } from '../../src/access-log/entry.js';
import { leafHash } from '../../src/access-log/tree.js';
import { Key } from '../../src/crypto/key.js';
import { LookupKeys } from '../../src/crypto/lookup-keys.js';
import * as doc from './by-the-document.js';

/** docs/FORMAT.md section 11 and the callers of section 8, against bytes that were frozen when they were added. */
const VECTORS = path.join(import.meta.dirname, '../vectors/coatcheck/callers-1.json');
const v = JSON.parse(readFileSync(VECTORS, 'utf8'));
const secret = doc.unhex(v.lookupKey);
const lookup = new LookupKeys(1, Key.fromSecret(secret));
const newest = { version: 2, mac: doc.unhex(v.iamVersions[1].mac) };

test('the file that freezes them is the one that was frozen', () => {
  expect(createHash('sha256').update(JSON.stringify(v)).digest('hex')).toBe(
    '03f12e1879ee00668d04e2f0ff51a602a60cf99ada60d1f5bdec16b54f8940c9',
  );
});

test('versions of the IAM configuration, each chained to the one before, by the page and by the code', () => {
  let previous: Buffer | null = null;
  for (const { mac, ...row } of v.iamVersions) {
    const { version, toml, set_by: setBy, created_ms } = row;
    expect(doc.iamVersionMac(secret, row, previous ?? '').toString('hex')).toBe(mac);
    const ours = lookup.iamVersionMac({ version, toml, setBy, createdAt: new Date(created_ms) }, previous);
    expect(ours.toString('hex')).toBe(mac);
    previous = doc.unhex(mac);
  }
});

test('seals, whatever order the rows come in, by the page and by the code', () => {
  for (const seal of v.seals) {
    const of = seal.newest ? newest : null;
    expect(doc.iamSeal(secret, seal.serial, of, seal.keys).toString('hex')).toBe(seal.mac);
    const keys = (seal.keys as doc.IamKey[])
      .map((key) => ({
        user: key.user,
        publicId: key.public_id,
        hash: doc.unhex(key.hash),
        lookupVersion: key.lookup_version,
        expiresAt: key.expires_ms === null ? null : new Date(key.expires_ms),
      }))
      .reverse();
    expect(lookup.iamSeal({ serial: seal.serial, newest: of, keys }).toString('hex')).toBe(seal.mac);
  }
});

test('entries of callers with a JWT and of delegated ones, by the page and by the code', () => {
  for (const { draft, text, leaf } of v.entries) {
    expect(doc.entryText(draft)).toBe(text);
    const { bytes } = encodeEntry(draft);
    expect(bytes.toString('utf8')).toBe(text);
    expect(leafHash(bytes).toString('hex')).toBe(leaf);
  }
});
