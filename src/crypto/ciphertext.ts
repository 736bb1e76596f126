import { timingSafeEqual } from 'node:crypto';
import { VaultError } from '../errors.js';
import { type Content, decodeContent, encodeContent } from './ciphertext-content.js';
import type { KeysetVersion } from './keyset.js';
import { NONCE_BYTES, TAG_BYTES, blake2b } from './sodium.js';
import { tuple, u32, uuidBytes } from './tuple.js';

export type { CiphertextField, Content } from './ciphertext-content.js';

const FORMAT = 1;
const SUITE = 1;
const TYPES = ['randomized', 'deterministic'] as const;
const COMMITMENT_BYTES = 32;
const KEYSET_AT = 3;
const VERSION_AT = 19;
const HEADER_BYTES = 23;
/** What a keyset version can be at most; the key tables cannot even be asked for more. */
const LAST_VERSION = 0x7fff_ffff;
const SEALED_AT = HEADER_BYTES + COMMITMENT_BYTES;

/** Whether equal contents give equal bytes. */
export type CiphertextType = (typeof TYPES)[number];

/** The readable part of a ciphertext; nothing of it can be believed before {@link openCiphertext}. */
export interface Ciphertext {
  readonly bytes: Buffer;
  readonly type: CiphertextType;
  readonly keysetId: string;
  readonly keysetVersion: number;
}

/** Seals `content` for the caller to keep, bound to the keyset's collection and tenant and to `scope` (docs/FORMAT.md section 10). */
export function sealCiphertext(
  keyset: KeysetVersion,
  type: CiphertextType,
  scope: string,
  content: Content,
): Buffer {
  const { header, aad, digest } = bindingOf(keyset, headerOf(keyset, type), scope);
  const sealed = keyset.ciphertexts.seal(type === 'deterministic', aad, encodeContent(content));
  return Buffer.concat([header, commitmentOf(keyset, sealed, digest), sealed]);
}

/** Reads which key a ciphertext wants. Throws PV9047 for what cannot be one. */
export function readCiphertext(bytes: Buffer): Ciphertext {
  const type = TYPES[(bytes[2] ?? 0) - 1];
  const shortest = SEALED_AT + NONCE_BYTES + TAG_BYTES;
  if (bytes.length < shortest || bytes[0] !== FORMAT || bytes[1] !== SUITE || !type) throw cannotDecrypt();
  const keysetVersion = bytes.readUInt32BE(VERSION_AT);
  if (keysetVersion > LAST_VERSION) throw cannotDecrypt();

  const hex = bytes.toString('hex', KEYSET_AT, VERSION_AT);
  const keysetId = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return { bytes, type, keysetId, keysetVersion };
}

/**
 * Opens a ciphertext with the keyset version it names. Throws PV9047, and only that, whatever is wrong: another collection or scope, changed or
 * missing bytes.
 */
export function openCiphertext(
  keyset: KeysetVersion,
  ciphertext: Ciphertext,
  collection: number,
  scope: string,
): Content {
  return ciphertextOpener(keyset, collection, scope)(ciphertext);
}

/** Opens ciphertexts of one scope one after the other, each as {@link openCiphertext} does: what they are bound to is written once. */
export function ciphertextOpener(
  keyset: KeysetVersion,
  collection: number,
  scope: string,
): (ciphertext: Ciphertext) => Content {
  const bindings = new Map<CiphertextType, Binding>();
  return ({ bytes, type }) => {
    try {
      let binding = bindings.get(type);
      if (!binding) bindings.set(type, (binding = bindingOf(keyset, headerOf(keyset, type), scope)));
      const { header, aad, digest } = binding;
      if (keyset.collection !== collection || !header.equals(bytes.subarray(0, HEADER_BYTES)))
        throw cannotDecrypt();
      const sealed = bytes.subarray(SEALED_AT);
      // Before decrypting: it says which key, collection, tenant and scope this is for.
      const committed = bytes.subarray(HEADER_BYTES, SEALED_AT);
      if (!timingSafeEqual(committed, commitmentOf(keyset, sealed, digest))) throw cannotDecrypt();
      return decodeContent(keyset.ciphertexts.open(type === 'deterministic', aad, sealed));
    } catch {
      throw cannotDecrypt();
    }
  };
}

/** What a ciphertext is bound to: the bytes before it, the associated data and its hash. */
interface Binding {
  readonly header: Buffer;
  readonly aad: Buffer;
  readonly digest: Uint8Array;
}

function bindingOf(keyset: KeysetVersion, header: Buffer, scope: string): Binding {
  const aad = aadOf(keyset, header, scope);
  return { header, aad, digest: blake2b(aad, 32) };
}

function headerOf({ keysetId, version }: KeysetVersion, type: CiphertextType): Buffer {
  return Buffer.concat([
    Buffer.of(FORMAT, SUITE, TYPES.indexOf(type) + 1),
    uuidBytes(keysetId),
    u32(version),
  ]);
}

function aadOf({ tenant, collection }: KeysetVersion, header: Uint8Array, scope: string): Buffer {
  return tuple('coatcheck/v1/ciphertext', header, tenant, u32(collection), scope);
}

function commitmentOf({ ciphertexts }: KeysetVersion, sealed: Uint8Array, digest: Uint8Array): Buffer {
  const message = Buffer.concat([sealed.subarray(0, NONCE_BYTES), digest]);
  return ciphertexts.commitment(message, COMMITMENT_BYTES);
}

function cannotDecrypt(): VaultError {
  return new VaultError('PV9047');
}
