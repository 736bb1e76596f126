import { type CiphertextType, type KeysetVersion, sealCiphertext } from '../../crypto/index.js';
import { VaultError } from '../../errors.js';
import type { KnownCollection } from '../collection-named.js';
import type { Vault } from '../vault.js';
import type { FieldValues } from './field-values.js';
import { numberOfProperty } from './property-numbers.js';

/** How a new ciphertext is to be made. */
export interface Terms {
  readonly type: CiphertextType;
  readonly scope: string;
  readonly tags: readonly string[];
  readonly expiresAt: Date | null;
}

/**
 * The tags of a new ciphertext, each once. Throws PV9007 for more than the settings allow, PV9006 for tags with the deterministic type: its
 * ciphertexts are compared, and a tag would make equal values differ.
 */
export function readTags(
  vault: Vault,
  type: CiphertextType,
  tags: readonly string[] = [],
  field: string,
): string[] {
  if (tags.length > vault.settings.maxTokenTags) throw new VaultError('PV9007', { field });
  if (tags.length > 0 && type === 'deterministic') {
    throw new VaultError('PV9006', { field, reason: 'not with deterministic encryption' });
  }
  return [...new Set(tags)];
}

/** The keysets that new ciphertexts of these tenants are sealed with, by tenant. Load them before the access is recorded. */
export async function sealingKeysets(
  vault: Vault,
  collection: KnownCollection,
  tenants: Iterable<string>,
): Promise<ReadonlyMap<string, KeysetVersion>> {
  const keysets = new Map<string, KeysetVersion>();
  for (const tenant of new Set(tenants)) {
    keysets.set(tenant, await vault.keyring.sealing(collection.id, tenant));
  }
  return keysets;
}

/** Seals values for the caller to keep. */
export function sealValues(
  keyset: KeysetVersion,
  collection: KnownCollection,
  { type, scope, tags, expiresAt }: Terms,
  values: FieldValues,
): Buffer {
  const fields = [...values].map(([name, value]) => ({
    property: numberOfProperty(collection, name),
    ...value,
  }));
  return sealCiphertext(keyset, type, scope, { expiresAt, tags, fields });
}
