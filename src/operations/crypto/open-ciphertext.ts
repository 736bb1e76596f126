import {
  type Ciphertext,
  type CiphertextType,
  type Content,
  type KeysetVersion,
  ciphertextOpener,
  readCiphertext,
} from '../../crypto/index.js';
import { VaultError } from '../../errors.js';
import type { components } from '../../generated/api.js';
import type { Lifecycle } from '../../store/objects/object-row.js';
import type { Call } from '../call.js';
import type { KnownCollection } from '../collection-named.js';
import type { Vault } from '../vault.js';
import type { FieldValue, FieldValues } from './field-values.js';
import { nameOfProperty } from './property-numbers.js';

/** The scope of a ciphertext where the request names none. */
export const DEFAULT_SCOPE = 'default';

/** A ciphertext that a request brings. */
export interface GivenCiphertext {
  readonly bytes: Buffer;
  readonly scope: string;
  /** Its place in the request, for errors. */
  readonly field: string;
}

/** A ciphertext that was found genuine. Its values are plaintext: record the access before anything of them is shown. */
export interface OpenCiphertext {
  readonly type: CiphertextType;
  readonly scope: string;
  /** '' for none. */
  readonly tenant: string;
  readonly tags: readonly string[];
  readonly expiresAt: Date | null;
  /** Those of properties that still exist, in the order of their numbers. */
  readonly values: FieldValues;
}

/** The ciphertext of an `encrypted_object` or of `{encrypted}`. What is no canonical base64 becomes bytes that do not open. */
export function givenCiphertext(
  { ciphertext, scope }: components['schemas']['EncryptedObjectInput'],
  field: string,
): GivenCiphertext {
  const bytes = Buffer.from(ciphertext, 'base64');
  // Other spellings of the same bytes would let a ciphertext be changed without being noticed.
  const canonical = bytes.toString('base64') === ciphertext;
  return { bytes: canonical ? bytes : Buffer.alloc(0), scope: scope || DEFAULT_SCOPE, field };
}

/**
 * Opens ciphertexts of one request, all or none, in its order; `lifecycle` says whether valid or expired ones are wanted. Asks the
 * database for nothing but keyset versions that were not met before.
 *
 * Throws PV9047 for whatever does not open: the scope, the collection or the tenant is another, a byte was changed, the key was destroyed. Throws
 * PV3233 for one that has expired and PV9048 for one that has not, where the other is wanted. The context names the place in
 * the request and nothing else.
 */
export async function openCiphertexts(
  call: Call,
  vault: Vault,
  collection: KnownCollection,
  given: readonly GivenCiphertext[],
  lifecycle: Lifecycle,
): Promise<OpenCiphertext[]> {
  const openers = new Map<string, Opener>();
  const opened: OpenCiphertext[] = [];
  for (const each of given) {
    const ciphertext = readable(each);
    const name = `${ciphertext.keysetId}/${ciphertext.keysetVersion}/${each.scope}`;
    // Awaited only when it is new: a batch usually has one, and each turn of the event loop costs more than an opening.
    const opener = openers.get(name) ?? (await openerOf(vault, ciphertext, collection, each));
    openers.set(name, opener);
    opened.push(openOne(call, collection, opener, ciphertext, each, lifecycle));
  }
  return opened;
}

function readable({ bytes, field }: GivenCiphertext): Ciphertext {
  try {
    return readCiphertext(bytes);
  } catch {
    throw cannotDecrypt(field);
  }
}

async function keysetOf(vault: Vault, ciphertext: Ciphertext, field: string): Promise<KeysetVersion> {
  try {
    return await vault.keyring.opening(ciphertext.keysetId, ciphertext.keysetVersion);
  } catch (error) {
    // A keyset that is unknown, destroyed or does not unwrap; a database out of reach is another matter.
    if (error instanceof VaultError && error.code === 'PV9010') throw cannotDecrypt(field);
    throw error;
  }
}

/** Opens what one keyset version sealed for one scope. */
interface Opener {
  readonly keyset: KeysetVersion;
  readonly open: (ciphertext: Ciphertext) => Content;
}

async function openerOf(
  vault: Vault,
  ciphertext: Ciphertext,
  collection: KnownCollection,
  { scope, field }: GivenCiphertext,
): Promise<Opener> {
  const keyset = await keysetOf(vault, ciphertext, field);
  return { keyset, open: ciphertextOpener(keyset, collection.id, scope) };
}

function openOne(
  call: Call,
  collection: KnownCollection,
  { keyset, open }: Opener,
  ciphertext: Ciphertext,
  { scope, field }: GivenCiphertext,
  lifecycle: Lifecycle,
): OpenCiphertext {
  const content = contentOf(open, ciphertext, field);
  // Not PV9009: that a ciphertext of another tenant is genuine is nothing to be told.
  if (call.tenants.length > 0 && !call.tenants.includes(keyset.tenant)) throw cannotDecrypt(field);

  const { expiresAt, tags } = content;
  const expired = expiresAt !== null && expiresAt.getTime() <= call.startedAt.getTime();
  if (expired && lifecycle === 'active') throw new VaultError('PV3233', { field });
  if (!expired && lifecycle === 'archived') throw new VaultError('PV9048', { field });
  const { type } = ciphertext;
  return { type, scope, tenant: keyset.tenant, tags, expiresAt, values: valuesOf(collection, content) };
}

function contentOf(open: Opener['open'], ciphertext: Ciphertext, field: string): Content {
  try {
    return open(ciphertext);
  } catch {
    throw cannotDecrypt(field);
  }
}

function valuesOf(collection: KnownCollection, { fields }: Content): FieldValues {
  const values = new Map<string, FieldValue>();
  for (const { property, form, value } of fields) {
    const name = nameOfProperty(collection, property);
    if (name !== undefined) values.set(name, { form, value });
  }
  return values;
}

function cannotDecrypt(field: string): VaultError {
  return new VaultError('PV9047', { field });
}
