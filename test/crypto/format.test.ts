import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import sodium from 'libsodium-wrappers';
import { decodeEntry, encodeEntry, textHash } from '../../src/access-log/entry.js';
import { leafHash } from '../../src/access-log/tree.js';
import {
  Keyring,
  type LookupKeys,
  type ObjectKey,
  type ObjectState,
  type TokenRow,
  decodePacked,
  derivedEpochs,
  encodePacked,
  environmentRootKey,
  fileEpochs,
  openField,
  openTokenField,
  openTokenMeta,
  publicIdOf,
} from '../../src/crypto/index.js';
import { Key } from '../../src/crypto/key.js';
import { manifestOf } from '../../src/crypto/packed.js';
import { tuple as ourTuple, u32 as ourU32, u64 as ourU64, uuidBytes } from '../../src/crypto/tuple.js';
import * as doc from './by-the-document.js';
import { memoryKeystore } from './memory-keystore.js';

const VECTORS = path.join(import.meta.dirname, '../vectors/coatcheck/format-1.json');
const v = JSON.parse(readFileSync(VECTORS, 'utf8'));
const { unhex } = doc;
const secret = (name: string): Buffer => unhex(v.secrets[name]);
const { tenant, collection } = v.place;

type Element = { text: string } | { hex: string } | { u32: number } | { u64: number } | { uuid: string };
type Named = Record<string, any>; // eslint-disable-line @typescript-eslint/no-explicit-any

test('the file that freezes the formats is the one that was frozen', () => {
  expect(createHash('sha256').update(JSON.stringify(v)).digest('hex')).toBe(
    '744c5a5ff156b6b014fe50aacb7428e0066f7a771ebf8adbefa9c0850b9f2c12',
  );
});

describe('docs/FORMAT.md, followed by hand, gives the frozen bytes', () => {
  const wrap = {
    keyset: v.ids.keyset,
    version: v.keysetVersion.version,
    tenant,
    collection,
    record: v.ids.object,
    keyId: v.ids.objectKey,
  };
  const tokenWrap = { ...wrap, record: v.ids.tokenRecord, keyId: v.ids.tokenKey };
  const hash = unhex(v.tokenHash.bytes);

  test("libsodium's BLAKE2b is BLAKE2b", () => {
    const message = Buffer.from('abc');
    expect(Buffer.from(sodium.crypto_generichash(64, message, null))).toEqual(
      createHash('blake2b512').update(message).digest(),
    );
  });

  test.each(v.tuples as { elements: Element[]; bytes: string }[])(
    'tuple $elements',
    ({ elements, bytes }) => {
      const parts = elements.map((element) => {
        if ('u32' in element) return doc.u32(element.u32);
        if ('u64' in element) return doc.u64(element.u64);
        if ('uuid' in element) return doc.uuid(element.uuid);
        return 'hex' in element ? unhex(element.hex) : element.text;
      });
      expect(doc.tuple(...parts).toString('hex')).toBe(bytes);
    },
  );

  test.each(v.subKeys as Named[])('sub-key $label of the $key key', ({ key, label, ids, bytes, probe }) => {
    const derived = doc.sub(secret(key), label, ...ids.map(doc.u32));
    expect(derived.toString('hex')).toBe(bytes);
    expect(doc.MAC(derived, 'probe', 32).toString('hex')).toBe(probe);
  });

  test.each(v.macs as Named[])('MAC of $message', ({ key, message, length, bytes }) => {
    expect(doc.MAC(secret(key), unhex(message), length).toString('hex')).toBe(bytes);
  });

  test('wrapped epoch key, and the value that recognises it', () => {
    const { epoch, file, check } = v.epoch;
    const wrapped = Buffer.from(file.epochs[epoch], 'base64');
    expect(doc.unwrap(secret('root'), doc.epochAad(epoch), wrapped)).toEqual(secret('epoch'));
    const recognised = doc.MAC(doc.sub(secret('epoch'), 'coatcheck/v1/epoch-check'), doc.u32(epoch), 32);
    expect(recognised.toString('hex')).toBe(check);
  });

  test('wrapped keyset versions, of a collection and of the vault itself', () => {
    const { version, epoch, wrapped } = v.keysetVersion;
    const aad = doc.keysetAad(v.ids.keyset, version, epoch, collection, tenant);
    expect(doc.unwrap(secret('epoch'), aad, unhex(wrapped))).toEqual(secret('keyset'));
    const own = doc.keysetAad(v.vaultKeyset.id, v.vaultKeyset.version, v.vaultKeyset.epoch, 0, '');
    expect(doc.unwrap(secret('epoch'), own, unhex(v.vaultKeyset.wrapped))).toEqual(secret('keyset'));
  });

  test('wrapped lookup version', () => {
    const { version, epoch, wrapped } = v.lookupVersion;
    expect(doc.unwrap(secret('epoch'), doc.lookupAad(version, epoch), unhex(wrapped))).toEqual(
      secret('lookup'),
    );
  });

  test.each(v.objectKeys as Named[])(
    'wrapped object key, $name state',
    ({ revision, fields, expires, owner, wrapped }) => {
      const aad = doc.objectKeyAad(wrap, revision, doc.stateOf(fields, expires, owner));
      expect(doc.unwrap(secret('keyset'), aad, unhex(wrapped))).toEqual(secret('object'));
    },
  );

  test('wrapped key of an ownerless token', () => {
    const wrapped = unhex(v.tokenKeyWrap.wrapped);
    expect(doc.unwrap(secret('keyset'), doc.tokenKeyAad(tokenWrap), wrapped)).toEqual(secret('token'));
  });

  test('packed fields, their manifest and every sealed field', () => {
    const fields = (v.fields as Named[]).map(({ property, revision, sealed }) => ({
      property,
      revision,
      sealed: unhex(sealed),
    }));
    expect(doc.pack(fields).toString('hex')).toBe(v.packed.bytes);
    expect(doc.manifest(fields.map(({ property, revision }) => [property, revision])).toString('hex')).toBe(
      v.packed.manifest,
    );
    expect(doc.pack([]).toString('hex')).toBe(v.emptyPacked.bytes);
    expect(doc.manifest([]).toString('hex')).toBe(v.emptyPacked.manifest);

    const key = doc.sub(secret('object'), 'coatcheck/v1/fields');
    for (const { property, revision, text, sealed } of v.fields) {
      const aad = doc.fieldAad('coatcheck/v1/field', wrap, property, wrap.keyId, revision);
      expect(doc.open(key, aad, unhex(sealed)).toString('utf8')).toBe(text);
    }
  });

  test('fields of a snapshot in a token', () => {
    const key = doc.sub(secret('object'), 'coatcheck/v1/token');
    for (const { property, revision, text, sealed } of v.tokenFields) {
      const aad = doc.fieldAad('coatcheck/v1/token-field', tokenWrap, property, wrap.keyId, revision);
      expect(doc.open(key, aad, unhex(sealed)).toString('utf8')).toBe(text);
    }
  });

  test.each(v.tokenMetas as Named[])('sealed part of a token: $type of $object', (meta) => {
    const aad = doc.tokenMetaAad({
      tenant,
      collection,
      record: v.ids.tokenRecord,
      hash,
      type: meta.type,
      scope: meta.scope,
      object: meta.object,
      keyId: meta.key === 'object' ? v.ids.objectKey : v.ids.tokenKey,
      revision: meta.revision,
      snapshot: meta.snapshot,
    });
    const opened = doc.open(doc.sub(secret(meta.key), 'coatcheck/v1/token'), aad, unhex(meta.sealed));
    const { token_id, props, tags, expires } = meta;
    expect(opened.toString('utf8')).toBe(JSON.stringify({ token_id, props, tags, expires }));
  });

  test('token hash, tags and the name of a token in the log', () => {
    const id = doc.u32(collection);
    const hashKey = doc.sub(secret('lookup'), 'coatcheck/v1/token-hash', id);
    expect(doc.MAC(hashKey, v.tokenHash.token_id, 32).toString('hex')).toBe(v.tokenHash.bytes);
    const tagKey = doc.sub(secret('lookup'), 'coatcheck/v1/tag', id);
    for (const { tag, bytes } of v.tags) expect(doc.MAC(tagKey, tag, 16).toString('hex')).toBe(bytes);
    const referenceKey = doc.sub(secret('lookup'), 'coatcheck/v1/log-reference');
    const message = doc.tuple(id, v.logReference.token_id);
    expect(doc.MAC(referenceKey, message, 16).toString('hex')).toBe(v.logReference.text);
  });

  test.each(v.blindIndexes as Named[])('blind index of property $property in $collection', (index) => {
    const ids = [doc.u32(index.collection), doc.u32(index.property)];
    const key = doc.sub(secret('lookup'), 'coatcheck/v1/blind-index', ...ids);
    expect(doc.MAC(key, index.text, 16).toString('hex')).toBe(index.bytes);
  });

  test("an API key's checksum and what is kept of keys", () => {
    const { body, key, hash: kept } = v.apiKey;
    expect(body + doc.checksum(body)).toBe(key);
    const pepper = doc.sub(secret('lookup'), 'coatcheck/v1/api-key');
    expect(doc.hmac(pepper, key).toString('hex')).toBe(kept);
    expect(doc.hmac(pepper, v.adminKey.key).toString('hex')).toBe(v.adminKey.hash);
  });

  test.each(v.entries as Named[])(
    'an entry of the access log and its leaf: $draft.operation',
    ({ draft, text, leaf }) => {
      expect(doc.entryText(draft)).toBe(text);
      expect(doc.leaf(Buffer.from(text)).toString('hex')).toBe(leaf);
    },
  );

  test('a free text beside the log', () => {
    const { salt, text, hash: kept } = v.freeText;
    expect(doc.sha256(unhex(salt), Buffer.from(text)).toString('hex')).toBe(kept);
  });

  test('an idempotency record and the answer in it', () => {
    const { user, operation, key, bytes, answer, sealed } = v.idempotency;
    const recordKey = doc.MAC(
      doc.sub(secret('lookup'), 'coatcheck/v1/idempotency'),
      doc.tuple(user, operation, key),
      32,
    );
    expect(recordKey.toString('hex')).toBe(bytes);
    const aad = doc.tuple('coatcheck/v1/answer', recordKey);
    const opened = doc.open(doc.sub(secret('keyset'), 'coatcheck/v1/answer'), aad, unhex(sealed));
    expect(opened.toString('utf8')).toBe(answer);
  });

  test('a cursor', () => {
    const { parameters, position, text } = v.cursor;
    const at = JSON.stringify(position);
    const tag = doc.MAC(doc.sub(secret('lookup'), 'coatcheck/v1/cursor'), doc.tuple(parameters, at), 16);
    expect(Buffer.concat([tag, Buffer.from(at)]).toString('base64url')).toBe(text);
  });
});

describe('the vault makes and opens the frozen bytes', () => {
  const state = ({ revision, expires, owner, fields }: Named): ObjectState => ({
    revision,
    fields: fields.map(([property, at]: number[]) => ({ property, revision: at, sealed: Buffer.alloc(0) })),
    expiresAt: expires === null ? null : new Date(expires),
    owner,
  });
  const place = { tenant, collection, record: v.ids.object };
  const tokenPlace = { ...place, record: v.ids.tokenRecord };
  const { keysetVersion, vaultKeyset, lookupVersion, epoch } = v;

  let directory: string;
  let keyring: Keyring;
  let lookup: LookupKeys;
  let objectKey: ObjectKey;
  let tokenKey: ObjectKey;

  /** From the root key and the epoch file down: everything below is opened, nothing injected. */
  beforeAll(async () => {
    directory = mkdtempSync(path.join(os.tmpdir(), 'coatcheck-vectors-'));
    const file = path.join(directory, 'root.key.epochs');
    writeFileSync(file, JSON.stringify(epoch.file));
    const root = await environmentRootKey(v.secrets.root).load();
    const keystore = memoryKeystore({
      epochs: [{ epoch: epoch.epoch, check: unhex(epoch.check) }],
      lookups: [
        { version: 2, state: 'active', epoch: lookupVersion.epoch, wrapped: unhex(lookupVersion.wrapped) },
      ],
      keysets: [
        {
          keysetId: v.ids.keyset,
          version: keysetVersion.version,
          collection,
          tenant,
          state: 'active',
          epoch: keysetVersion.epoch,
          wrapped: unhex(keysetVersion.wrapped),
        },
        {
          keysetId: vaultKeyset.id,
          version: vaultKeyset.version,
          collection: 0,
          tenant: '',
          state: 'active',
          epoch: vaultKeyset.epoch,
          wrapped: unhex(vaultKeyset.wrapped),
        },
      ],
    });
    keyring = await Keyring.unlock(keystore, fileEpochs(root, file));
    lookup = keyring.lookup;

    const keyset = await keyring.opening(v.ids.keyset, keysetVersion.version);
    const stored = { keysetId: v.ids.keyset, keysetVersion: keysetVersion.version };
    const full = v.objectKeys.find(({ name }: Named) => name === 'full');
    objectKey = keyset.openObjectKey(
      { ...stored, keyId: v.ids.objectKey, wrapped: unhex(full.wrapped) },
      place,
      state(full),
    );
    tokenKey = keyset.openTokenKey(
      { ...stored, keyId: v.ids.tokenKey, wrapped: unhex(v.tokenKeyWrap.wrapped) },
      tokenPlace,
    );
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test('tuples', () => {
    for (const { elements, bytes } of v.tuples as { elements: Element[]; bytes: string }[]) {
      const parts = elements.map((element) => {
        if ('u32' in element) return ourU32(element.u32);
        if ('u64' in element) return ourU64(element.u64);
        if ('uuid' in element) return uuidBytes(element.uuid);
        return 'hex' in element ? unhex(element.hex) : element.text;
      });
      expect(ourTuple(...parts).toString('hex')).toBe(bytes);
    }
  });

  test('sub-keys and MACs', () => {
    for (const { key, label, ids, probe } of v.subKeys) {
      const derived = Key.fromSecret(secret(key)).sub(label, ...ids.map(ourU32));
      expect(derived.mac(Buffer.from('probe'), 32).toString('hex')).toBe(probe);
    }
    for (const { key, message, length, bytes } of v.macs) {
      expect(Key.fromSecret(secret(key)).mac(unhex(message), length).toString('hex')).toBe(bytes);
    }
  });

  test('an epoch derived from the root key is the sub-key that the page names', async () => {
    const derived = await derivedEpochs(Key.fromSecret(secret('root'))).key(2);
    const { probe } = v.subKeys.find(({ label }: Named) => label === 'coatcheck/v1/derived-epoch');
    expect(derived.mac(Buffer.from('probe'), 32).toString('hex')).toBe(probe);
  });

  test('object keys of every state', async () => {
    const keyset = await keyring.sealing(collection, tenant);
    for (const each of v.objectKeys) {
      const stored = {
        keysetId: v.ids.keyset,
        keysetVersion: keysetVersion.version,
        keyId: v.ids.objectKey,
        wrapped: unhex(each.wrapped),
      };
      expect(keyset.openObjectKey(stored, place, state(each)).id).toBe(v.ids.objectKey);
    }
  });

  test('packed fields, manifest and sealed values', () => {
    const fields = decodePacked(unhex(v.packed.bytes));
    expect(encodePacked(fields).toString('hex')).toBe(v.packed.bytes);
    expect(manifestOf(fields).toString('hex')).toBe(v.packed.manifest);
    const opened = fields.map((field) => [
      field.property,
      field.revision,
      openField(objectKey, place, field),
    ]);
    const wanted = (v.fields as Named[]).map(({ property, revision, text }) => [property, revision, text]);
    expect(opened).toEqual(wanted.sort(([a], [b]) => a - b));
    expect(decodePacked(unhex(v.emptyPacked.bytes))).toEqual([]);
  });

  test('snapshots and sealed parts of tokens', () => {
    for (const { property, revision, text, sealed } of v.tokenFields) {
      expect(openTokenField(objectKey, tokenPlace, { property, revision, sealed: unhex(sealed) })).toBe(text);
    }
    for (const meta of v.tokenMetas) {
      const row: TokenRow = {
        ...tokenPlace,
        hash: unhex(v.tokenHash.bytes),
        type: meta.type,
        scope: meta.scope,
        object: meta.object,
        revision: meta.revision,
        snapshot:
          meta.snapshot &&
          meta.snapshot.map(([property, revision]: number[]) => ({
            property,
            revision,
            sealed: Buffer.alloc(0),
          })),
        valueHash: null,
      };
      const expiresAt = meta.expires === null ? null : new Date(meta.expires);
      const opened = openTokenMeta(
        meta.key === 'object' ? objectKey : tokenKey,
        row,
        unhex(meta.sealed),
        expiresAt,
      );
      expect(opened).toEqual({ tokenId: meta.token_id, props: meta.props, tags: meta.tags, expiresAt });
    }
  });

  test('blind indexes, token hashes, tags and references', () => {
    for (const { collection: at, property, text, bytes } of v.blindIndexes) {
      expect(lookup.blindIndex(at, property, text).toString('hex')).toBe(bytes);
    }
    expect(lookup.tokenHash(collection, v.tokenHash.token_id).toString('hex')).toBe(v.tokenHash.bytes);
    for (const { tag, bytes } of v.tags) expect(lookup.tag(collection, tag).toString('hex')).toBe(bytes);
    expect(lookup.logReference(collection, v.logReference.token_id)).toBe(v.logReference.text);
  });

  test('API keys', () => {
    expect(publicIdOf(v.apiKey.key)).toBe(v.apiKey.publicId);
    expect(lookup.apiKeyHash(v.apiKey.key).toString('hex')).toBe(v.apiKey.hash);
    expect(lookup.apiKeyHash(v.adminKey.key).toString('hex')).toBe(v.adminKey.hash);
  });

  test('entries, their leaves and free texts', () => {
    for (const { draft, text, leaf } of v.entries) {
      const { bytes } = encodeEntry(draft);
      expect(bytes.toString('utf8')).toBe(text);
      expect(leafHash(bytes).toString('hex')).toBe(leaf);
      expect(decodeEntry(bytes)).toEqual(JSON.parse(text));
    }
    expect(textHash(unhex(v.freeText.salt), v.freeText.text)).toBe(v.freeText.hash);
  });

  test('idempotency keys, kept answers and cursors', async () => {
    const { user, operation, key, bytes, answer, sealed } = v.idempotency;
    expect(lookup.idempotency(user, operation, key).toString('hex')).toBe(bytes);
    const own = await keyring.sealing(0, '');
    expect(own.openAnswer(unhex(bytes), unhex(sealed))).toBe(answer);
    expect(lookup.cursor(v.cursor.parameters, v.cursor.position)).toBe(v.cursor.text);
    expect(lookup.readCursor(v.cursor.parameters, v.cursor.text)).toBe(v.cursor.position);
  });
});
