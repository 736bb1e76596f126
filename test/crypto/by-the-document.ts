import { createHash, createHmac } from 'node:crypto';
import sodium from 'libsodium-wrappers';

/**
 * docs/FORMAT.md, followed by hand: nothing here comes from src/. It is what somebody would write who has the page, the keys and a
 * backup, and not this program.
 */
await sodium.ready;

export type Part = Uint8Array | string;

function u8(n: number): Buffer {
  return Buffer.of(n);
}

function u16(n: number): Buffer {
  return Buffer.of(n >> 8, n & 0xff);
}

export function u32(n: number): Buffer {
  return Buffer.from(n.toString(16).padStart(8, '0'), 'hex');
}

export function u64(n: number): Buffer {
  return Buffer.from(n.toString(16).padStart(16, '0'), 'hex');
}

export function uuid(text: string): Buffer {
  return Buffer.from(text.split('-').join(''), 'hex');
}

export function unhex(text: string): Buffer {
  return Buffer.from(text, 'hex');
}

// Section 1

export function tuple(...parts: Part[]): Buffer {
  const bytes = parts.map((part) =>
    typeof part === 'string' ? Buffer.from(part, 'utf8') : Buffer.from(part),
  );
  return Buffer.concat([u32(parts.length), ...bytes.flatMap((part) => [u32(part.length), part])]);
}

function H(message: Uint8Array): Buffer {
  return Buffer.from(sodium.crypto_generichash(32, message, null));
}

export function MAC(key: Uint8Array, message: Part, length: number): Buffer {
  return Buffer.from(sodium.crypto_generichash(length, message, key));
}

export function sub(key: Uint8Array, label: string, ...ids: Part[]): Buffer {
  return MAC(key, tuple(label, ...ids), 32);
}

/** Opens `nonce[24] || AEAD(key, nonce, aad, …)`. Throws where it does not open. */
export function open(key: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Buffer {
  const nonce = sealed.subarray(0, 24);
  return Buffer.from(
    sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, sealed.subarray(24), aad, nonce, key),
  );
}

// Section 3

/** The key inside `wrapped`, its commitment checked. */
export function unwrap(k: Uint8Array, aad: Uint8Array, wrapped: Buffer): Buffer {
  if (wrapped.length !== 106 || wrapped[0] !== 1 || wrapped[1] !== 1) throw new Error('no wrapped key');
  const nonce = wrapped.subarray(2, 26);
  const commitment = MAC(sub(k, 'coatcheck/v1/commit'), Buffer.concat([nonce, H(aad)]), 32);
  if (!commitment.equals(wrapped.subarray(26, 58))) throw new Error('the commitment is another');
  return open(sub(k, 'coatcheck/v1/wrap'), aad, Buffer.concat([nonce, wrapped.subarray(58)]));
}

export function epochAad(epoch: number): Buffer {
  return tuple('coatcheck/v1/epoch', u32(epoch));
}

export function keysetAad(
  keyset: string,
  version: number,
  epoch: number,
  collection: number,
  tenant: string,
): Buffer {
  return tuple('coatcheck/v1/keyset', uuid(keyset), u32(version), u32(epoch), u32(collection), tenant);
}

export function lookupAad(version: number, epoch: number): Buffer {
  return tuple('coatcheck/v1/lookup', u32(version), u32(epoch));
}

export interface Wrap {
  keyset: string;
  version: number;
  tenant: string;
  collection: number;
  record: string;
  keyId: string;
}

export function objectKeyAad(wrap: Wrap, revision: number, state: Uint8Array): Buffer {
  return keyAad('coatcheck/v1/object-key', wrap, revision, state);
}

export function tokenKeyAad(wrap: Wrap): Buffer {
  return keyAad('coatcheck/v1/token-key', wrap, 0, H(Buffer.alloc(0)));
}

function keyAad(label: string, wrap: Wrap, revision: number, state: Uint8Array): Buffer {
  const { keyset, version, tenant, collection, record, keyId } = wrap;
  return tuple(
    label,
    uuid(keyset),
    u32(version),
    tenant,
    u32(collection),
    uuid(record),
    uuid(keyId),
    u32(revision),
    state,
  );
}

export type Manifest = readonly (readonly [property: number, revision: number])[];

export function stateOf(
  fields: Manifest,
  expires: number | null,
  owner: { collection: number; id: string } | null,
): Buffer {
  return H(
    tuple(
      manifest(fields),
      u64(expires ?? 0),
      u32(owner ? owner.collection : 0),
      owner ? uuid(owner.id) : Buffer.alloc(0),
    ),
  );
}

// Section 4

export function manifest(fields: Manifest): Buffer {
  const ascending = [...fields].sort(([a], [b]) => a - b);
  return Buffer.concat([
    u8(1),
    u16(fields.length),
    ...ascending.flatMap(([property, revision]) => [u32(property), u32(revision)]),
  ]);
}

export function pack(fields: readonly { property: number; revision: number; sealed: Buffer }[]): Buffer {
  const ascending = [...fields].sort((a, b) => a.property - b.property);
  return Buffer.concat([
    u8(1),
    u16(fields.length),
    ...ascending.flatMap(({ property, revision, sealed }) => [
      u32(property),
      u32(revision),
      u32(sealed.length),
      sealed,
    ]),
  ]);
}

export function fieldAad(
  label: 'coatcheck/v1/field' | 'coatcheck/v1/token-field',
  place: { tenant: string; collection: number; record: string },
  property: number,
  keyId: string,
  revision: number,
): Buffer {
  const { tenant, collection, record } = place;
  return tuple(label, tenant, u32(collection), uuid(record), u32(property), uuid(keyId), u32(revision));
}

// Section 5

export interface Token {
  tenant: string;
  collection: number;
  record: string;
  hash: Buffer;
  type: string;
  scope: string;
  object: string | null;
  keyId: string;
  revision: number;
  snapshot: Manifest | null;
  valueHash?: Buffer;
}

export function tokenMetaAad(token: Token): Buffer {
  return tuple(
    'coatcheck/v1/token-meta',
    token.tenant,
    u32(token.collection),
    uuid(token.record),
    token.hash,
    token.type,
    token.scope,
    token.object === null ? '' : uuid(token.object),
    uuid(token.keyId),
    u32(token.revision),
    token.snapshot === null ? '' : manifest(token.snapshot),
    ...(token.valueHash ? [token.valueHash] : []),
  );
}

// Section 5.1

/** What a token stands for: names or numbers of properties, and the JSON of their values. */
export interface Values {
  space: number;
  scope: string;
  values: { property: number | string; text: string }[];
}

export function valuesTuple({ scope, values }: Values): Buffer {
  const named = values.map(({ property, text }) => ({
    name: typeof property === 'number' ? u32(property) : Buffer.from(property, 'utf8'),
    text,
  }));
  named.sort((a, b) => Buffer.compare(a.name, b.name));
  return tuple(scope, ...named.flatMap(({ name, text }) => [name, text]));
}

// Section 7

const BASE_62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** CRC-32 (IEEE), bit by bit, in six digits of base 62. */
export function checksum(body: string): string {
  let crc = 0xffffffff;
  for (const byte of Buffer.from(body)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  let rest = (crc ^ 0xffffffff) >>> 0;
  let digits = '';
  while (digits.length < 6) {
    digits = BASE_62.charAt(rest % 62) + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}

export function hmac(key: Uint8Array, text: string): Buffer {
  return createHmac('sha256', key).update(text, 'utf8').digest();
}

// Section 8

export function leaf(bytes: Uint8Array): Buffer {
  return sha256(u8(0), bytes);
}

export function sha256(...parts: Uint8Array[]): Buffer {
  return createHash('sha256').update(Buffer.concat(parts)).digest();
}

const MEMBERS = [
  'v',
  'time',
  'request_id',
  'caller_request_id',
  'user',
  'role',
  'key_id',
  'issuer',
  'subject',
  'delegation',
  'action',
  'operation',
  'collection',
  'objects',
  'tokens',
  'asked',
  'revealed',
  'touches',
  'reason',
  'reason_defaulted',
  'adhoc_hash',
  'custom_hash',
  'outcome',
  'rule',
  'admin_reads',
  'iam_version',
  'tenants',
  'remote_addr',
  'error_code',
  'refers',
  'count',
  'erased',
];

/** The members in their order, those that say nothing left out. */
export function entryText(members: Record<string, unknown>): string {
  const given: Record<string, unknown> = { v: 1, ...members };
  const said = MEMBERS.filter((name) => {
    const value = given[name];
    return value !== undefined && !(Array.isArray(value) && value.length === 0);
  });
  return `{${said.map((name) => `${JSON.stringify(name)}:${JSON.stringify(given[name])}`).join(',')}}`;
}

// Section 10

export interface IamVersion {
  version: number;
  toml: string;
  set_by: string;
  created_ms: number;
}

export function iamVersionMac(lookup: Uint8Array, row: IamVersion, previous: Part): Buffer {
  const message = tuple(u32(row.version), row.toml, row.set_by, u64(row.created_ms), previous);
  return MAC(sub(lookup, 'coatcheck/v1/iam-version'), message, 32);
}

export interface IamKey {
  user: string;
  public_id: string | null;
  hash: string;
  lookup_version: number;
  expires_ms: number | null;
}

/** The keys must be given in their order. */
export function iamSeal(
  lookup: Uint8Array,
  serial: number,
  newest: { version: number; mac: Uint8Array } | null,
  keys: readonly IamKey[],
): Buffer {
  const rows = keys.map((key) =>
    tuple(
      key.user,
      key.public_id ?? '',
      unhex(key.hash),
      u32(key.lookup_version),
      key.expires_ms === null ? '' : u64(key.expires_ms),
    ),
  );
  const message = tuple(u32(serial), u32(newest?.version ?? 0), newest?.mac ?? '', ...rows);
  return MAC(sub(lookup, 'coatcheck/v1/iam-seal'), message, 32);
}
