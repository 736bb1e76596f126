/**
 * Wrote format-1.json, once: every byte layout of docs/FORMAT.md as the vault's own code makes it from keys and ids that are written
 * down here. Nonces are random, so a second run makes another file: format-1.json is never written again. A new version of a
 * format gets a file of its own.
 *
 *   npm run build && node test/vectors/coatcheck/make.mjs > test/vectors/coatcheck/format-N.json
 */
import { encodeEntry, textHash } from '../../../dist/access-log/entry.js';
import { leafHash } from '../../../dist/access-log/tree.js';
import { sealField, sealTokenField } from '../../../dist/crypto/fields.js';
import { Key } from '../../../dist/crypto/key.js';
import { KeysetVersion } from '../../../dist/crypto/keyset.js';
import { LookupKeys } from '../../../dist/crypto/lookup-keys.js';
import { ObjectKey } from '../../../dist/crypto/object-key.js';
import { encodePacked, manifestOf } from '../../../dist/crypto/packed.js';
import { sealTokenMeta } from '../../../dist/crypto/token-record.js';
import { tuple, u32, u64, uuidBytes } from '../../../dist/crypto/tuple.js';

const hex = (bytes) => Buffer.from(bytes).toString('hex');
const bytesFrom = (start) => Buffer.from(Array.from({ length: 32 }, (_, i) => start + i));
const secrets = {
  root: bytesFrom(0x00),
  epoch: bytesFrom(0x20),
  keyset: bytesFrom(0x40),
  lookup: bytesFrom(0x60),
  object: bytesFrom(0x80),
  token: bytesFrom(0xa0),
};
const keys = Object.fromEntries(Object.entries(secrets).map(([name, secret]) => [name, Key.fromSecret(secret)]));

const KEYSET = '5b1e0c1a-7d0f-4b7e-9a51-0d6a5f2f3c01';
const OBJECT = '0b8f8a8c-6a0e-4a0e-9a39-0d5d1f6b6c11';
const OBJECT_KEY = '9d3f2c55-10c4-4a52-8f0e-7c1b2a3d4e5f';
const OWNER = '11111111-2222-4333-8444-555555555555';
const TOKEN_RECORD = 'c0ffee00-1234-4abc-8def-0123456789ab';
const TOKEN_KEY = '77777777-8888-4999-aaaa-bbbbbbbbbbbb';
const TOKEN_ID = '3e84e552-4a4f-4c53-9a0b-1d2e3f405162';
const TENANT = 'Zürich';
const COLLECTION = 7;
const EPOCH = 1;

const place = { tenant: TENANT, collection: COLLECTION, record: OBJECT };
const tokenPlace = { ...place, record: TOKEN_RECORD };
const keyset = new KeysetVersion(KEYSET, 3, keys.keyset, COLLECTION, TENANT);
const lookup = new LookupKeys(2, keys.lookup);
const objectKey = new ObjectKey(keys.object, OBJECT_KEY);
const tokenKey = new ObjectKey(keys.token, TOKEN_KEY);

const texts = [
  [300, 4, '"078-05-1120"'],
  [17, 1, '"45860945864"'],
  [18, 2, '{"名":"Ǆ","n":1.5}'],
];
const fields = texts.map(([property, revision, text]) => sealField(objectKey, place, property, revision, text));
const snapshot = [sealTokenField(objectKey, tokenPlace, 17, 1, '"45860945864"')];
const expiresAt = new Date('2031-02-03T04:05:06.789Z');
const states = {
  full: { revision: 4, fields, expiresAt, owner: { collection: 5, id: OWNER } },
  empty: { revision: 1, fields: [], expiresAt: null, owner: null },
};

const tokenRow = (row) => ({
  ...tokenPlace,
  hash: lookup.tokenHash(COLLECTION, TOKEN_ID),
  type: 'randomized',
  scope: 'default',
  object: OBJECT,
  revision: 2,
  snapshot,
  ...row,
});
const tokenMetas = [
  { key: 'object', row: tokenRow({}), meta: { tokenId: TOKEN_ID, props: [17, 300], tags: ['VIP', 'ß'], expiresAt } },
  {
    key: 'object',
    row: tokenRow({ type: 'pointer', scope: 'billing', revision: 1, snapshot: null }),
    meta: { tokenId: TOKEN_ID, props: [0, 17], tags: [], expiresAt: null },
  },
  {
    key: 'token',
    row: tokenRow({ object: null, revision: 1, snapshot: [] }),
    meta: { tokenId: TOKEN_ID, props: [], tags: [], expiresAt: null },
  },
];

const subKeys = [
  ['root', 'coatcheck/v1/wrap', []],
  ['root', 'coatcheck/v1/commit', []],
  ['root', 'coatcheck/v1/derived-epoch', [2]],
  ['epoch', 'coatcheck/v1/epoch-check', []],
  ['object', 'coatcheck/v1/fields', []],
  ['object', 'coatcheck/v1/token', []],
  ['keyset', 'coatcheck/v1/answer', []],
  ['lookup', 'coatcheck/v1/blind-index', [COLLECTION, 300]],
  ['lookup', 'coatcheck/v1/token-hash', [COLLECTION]],
  ['lookup', 'coatcheck/v1/tag', [COLLECTION]],
  ['lookup', 'coatcheck/v1/api-key', []],
  ['lookup', 'coatcheck/v1/log-reference', []],
  ['lookup', 'coatcheck/v1/idempotency', []],
  ['lookup', 'coatcheck/v1/cursor', []],
];

const API_KEY = 'pv_live_0aZ9bY8cX7dW_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8';
const idempotencyKey = lookup.idempotency('iam-user', 'addObject', 'a key: 1');
const salt = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex');

const drafts = [
  {
    time: '2026-01-02T03:04:05.678Z',
    request_id: '6b7c1c1e-0d7a-4d4f-8a8e-1f2a3b4c5d6e',
    caller_request_id: 'theirs "1"\\',
    user: 'support',
    role: 'support',
    key_id: '0aZ9bY8cX7dW',
    operation: 'detokenize',
    collection: 'users',
    objects: [OBJECT],
    tokens: [lookup.logReference(COLLECTION, TOKEN_ID)],
    asked: [
      ['user_id', null],
      ['ssn', null],
    ],
    revealed: [
      ['user_id', null],
      ['ssn', 'mask'],
    ],
    reason: 'CustomerSupport',
    outcome: 'masked',
    rule: 'allow:support_allow_0',
    iam_version: 12,
    tenants: [TENANT, 'b'],
    remote_addr: '192.0.2.1',
  },
  {
    time: '2026-01-02T03:04:05.679Z',
    request_id: '6b7c1c1e-0d7a-4d4f-8a8e-1f2a3b4c5d6e',
    user: 'Admin',
    role: 'Admin',
    operation: 'getObjectById',
    collection: 'users',
    objects: [OBJECT],
    asked: [],
    reason: 'AppFunctionality',
    reason_defaulted: true,
    outcome: 'failed',
    iam_version: 0,
    tenants: [],
    error_code: 'PV9010',
    refers: 41,
  },
  {
    time: '2026-01-02T03:04:10.000Z',
    request_id: 'e0a7a5d8-8f8e-4a1e-9d0f-2b3c4d5e6f70',
    user: '',
    role: '',
    operation: 'authenticate',
    outcome: 'denied',
    iam_version: 0,
    error_code: 'PV1005',
    count: 31,
  },
];

const vectors = {
  format: 'coatcheck-vectors-1',
  secrets: Object.fromEntries(Object.entries(secrets).map(([name, secret]) => [name, hex(secret)])),
  ids: { keyset: KEYSET, object: OBJECT, objectKey: OBJECT_KEY, tokenRecord: TOKEN_RECORD, tokenKey: TOKEN_KEY },
  place: { tenant: TENANT, collection: COLLECTION },
  tuples: [
    [],
    [{ text: '' }],
    [{ text: 'ab' }, { text: 'c' }],
    [{ text: 'a' }, { text: 'bc' }],
    [{ text: 'Zürich 名 😀' }, { hex: '00ff' }],
    [{ u32: 0 }, { u32: 4294967295 }],
    [{ u64: 0 }, { u64: 9007199254740991 }],
    [{ uuid: OBJECT }],
  ].map((elements) => ({ elements, bytes: hex(tuple(...elements.map(elementOf))) })),
  subKeys: subKeys.map(([key, label, ids]) => ({
    key,
    label,
    ids,
    bytes: hex(keys[key].mac(tuple(label, ...ids.map(u32)), 32)),
    probe: hex(keys[key].sub(label, ...ids.map(u32)).mac(Buffer.from('probe'), 32)),
  })),
  macs: [
    ['root', '', 32],
    ['root', '616263', 16],
    ['lookup', '00', 64],
  ].map(([key, message, length]) => ({
    key,
    message,
    length,
    bytes: hex(keys[key].mac(Buffer.from(message, 'hex'), length)),
  })),
  epoch: {
    epoch: EPOCH,
    check: hex(keys.epoch.sub('coatcheck/v1/epoch-check').mac(u32(EPOCH), 32)),
    file: {
      format: 'coatcheck-epochs-1',
      epochs: { 1: keys.root.wrap(keys.epoch, tuple('coatcheck/v1/epoch', u32(EPOCH))).toString('base64') },
    },
  },
  keysetVersion: {
    version: 3,
    epoch: EPOCH,
    wrapped: hex(
      keys.epoch.wrap(
        keys.keyset,
        tuple('coatcheck/v1/keyset', uuidBytes(KEYSET), u32(3), u32(EPOCH), u32(COLLECTION), TENANT),
      ),
    ),
  },
  vaultKeyset: {
    version: 1,
    epoch: EPOCH,
    wrapped: hex(
      keys.epoch.wrap(
        keys.keyset,
        tuple('coatcheck/v1/keyset', uuidBytes(OWNER), u32(1), u32(EPOCH), u32(0), ''),
      ),
    ),
    id: OWNER,
  },
  lookupVersion: {
    version: 2,
    epoch: EPOCH,
    wrapped: hex(keys.epoch.wrap(keys.lookup, tuple('coatcheck/v1/lookup', u32(2), u32(EPOCH)))),
  },
  objectKeys: Object.entries(states).map(([name, state]) => ({
    name,
    revision: state.revision,
    fields: state.fields.map(({ property, revision }) => [property, revision]),
    expires: state.expiresAt?.getTime() ?? null,
    owner: state.owner,
    wrapped: hex(keyset.wrapObjectKey(objectKey, place, state).wrapped),
  })),
  tokenKeyWrap: { wrapped: hex(keyset.wrapTokenKey(tokenKey, tokenPlace).wrapped) },
  fields: fields.map(({ property, revision, sealed }, i) => ({ property, revision, text: texts[i][2], sealed: hex(sealed) })),
  packed: { bytes: hex(encodePacked(fields)), manifest: hex(manifestOf(fields)) },
  emptyPacked: { bytes: hex(encodePacked([])), manifest: hex(manifestOf([])) },
  tokenFields: snapshot.map(({ property, revision, sealed }) => ({
    property,
    revision,
    text: '"45860945864"',
    sealed: hex(sealed),
  })),
  tokenMetas: tokenMetas.map(({ key, row, meta }) => ({
    key,
    type: row.type,
    scope: row.scope,
    object: row.object,
    revision: row.revision,
    snapshot: row.snapshot && row.snapshot.map(({ property, revision }) => [property, revision]),
    token_id: meta.tokenId,
    props: meta.props,
    tags: meta.tags,
    expires: meta.expiresAt?.getTime() ?? null,
    sealed: hex(sealTokenMeta(key === 'object' ? objectKey : tokenKey, row, meta)),
  })),
  blindIndexes: [
    [COLLECTION, 300, '"078-05-1120"'],
    [COLLECTION, 301, '"078-05-1120"'],
    [COLLECTION + 1, 300, '"078-05-1120"'],
    [COLLECTION, 300, '"名"'],
  ].map(([collection, property, text]) => ({
    collection,
    property,
    text,
    bytes: hex(lookup.blindIndex(collection, property, text)),
  })),
  tokenHash: { token_id: TOKEN_ID, bytes: hex(lookup.tokenHash(COLLECTION, TOKEN_ID)) },
  tags: ['VIP', 'ß'].map((tag) => ({ tag, bytes: hex(lookup.tag(COLLECTION, tag)) })),
  logReference: { token_id: TOKEN_ID, text: lookup.logReference(COLLECTION, TOKEN_ID) },
  apiKey: { body: API_KEY, ...apiKey(API_KEY) },
  adminKey: { key: 'pvaultauth', hash: hex(lookup.apiKeyHash('pvaultauth')) },
  entries: drafts.map((draft) => {
    const { bytes } = encodeEntry(draft);
    return { draft, text: bytes.toString('utf8'), leaf: hex(leafHash(bytes)) };
  }),
  freeText: { salt: hex(salt), text: 'because\r\n{"ü":1}', hash: textHash(salt, 'because\r\n{"ü":1}') },
  idempotency: {
    user: 'iam-user',
    operation: 'addObject',
    key: 'a key: 1',
    bytes: hex(idempotencyKey),
    answer: '{"id":"0b8f8a8c-6a0e-4a0e-9a39-0d5d1f6b6c11"}',
    sealed: hex(keyset.sealAnswer(idempotencyKey, '{"id":"0b8f8a8c-6a0e-4a0e-9a39-0d5d1f6b6c11"}')),
  },
  cursor: { parameters: '["listObjects","users"]', position: 4711, text: lookup.cursor('["listObjects","users"]', 4711) },
};
process.stdout.write(`${JSON.stringify(vectors, null, 2)}\n`);

function elementOf(element) {
  if ('u32' in element) return u32(element.u32);
  if ('u64' in element) return u64(element.u64);
  if ('uuid' in element) return uuidBytes(element.uuid);
  return 'hex' in element ? Buffer.from(element.hex, 'hex') : element.text;
}

/** The checksum has no function of its own in the vault: it is the one that makes the key pass. */
function apiKey(body) {
  // CRC-32 (IEEE) of the body, computed here bit by bit.
  let crc = 0xffffffff;
  for (const byte of Buffer.from(body)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  let rest = (crc ^ 0xffffffff) >>> 0;
  let digits = '';
  for (let i = 0; i < 6; i++) {
    digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'[rest % 62] + digits;
    rest = Math.floor(rest / 62);
  }
  return { key: body + digits, publicId: body.slice(8, 20), hash: hex(lookup.apiKeyHash(body + digits)) };
}
