import type { CiphertextType } from '../../crypto/index.js';
import { VaultError } from '../../errors.js';
import type { KnownCollection } from '../collection-named.js';
import { NO_TENANT } from '../tenancy.js';
import type { Vault } from '../vault.js';
import { type FieldValue, type FieldValues, valueFromText } from './field-values.js';
import type { OpenCiphertext } from './open-ciphertext.js';
import { readTags } from './seal-values.js';
import type { UpdateRequest } from './update-encryption-request.js';

/** What a changed ciphertext will be. */
export interface Update {
  readonly type: CiphertextType;
  readonly scope: string;
  readonly tags: readonly string[];
  /** The old values with the new ones over them. */
  readonly values: FieldValues;
  /** Names of the properties of the new ciphertext. */
  readonly names: readonly string[];
  /** Names of the properties that were given anew. */
  readonly changed: readonly string[];
}

/**
 * Puts the values of an update over those of the ciphertext. Throws PV9006 for a ciphertext with tags that is to become deterministic, and for
 * another tenant: what belongs to one stays there.
 */
export function overlay(
  vault: Vault,
  collection: KnownCollection,
  { read, props, type: newType, scope, field }: UpdateRequest,
  old: OpenCiphertext,
): Update {
  if (read.tenant !== undefined && read.tenant !== old.tenant) {
    throw new VaultError('PV9006', { field: `${field}.fields`, property: '_tenant_id' });
  }
  const type = newType ?? old.type;
  const tags = readTags(vault, type, old.tags, `${field}.type`);

  const given: readonly (readonly [name: string, text: string | null])[] = [
    ...read.fields.map(({ property, text }) => [property.name, text] as const),
    ...(read.id === undefined ? [] : [['id', JSON.stringify(read.id)] as const]),
  ];
  const values = new Map<string, FieldValue>(old.values);
  for (const [name, text] of given) {
    if (text === null) values.delete(name);
    else values.set(name, valueFromText(collection, name, text));
  }
  if (props?.includes('_tenant_id') && old.tenant !== NO_TENANT) {
    values.set('_tenant_id', valueFromText(collection, '_tenant_id', JSON.stringify(old.tenant)));
  }
  const changed = given.map(([name]) => name);
  return { type, scope: scope ?? old.scope, tags, values, names: props ?? [...values.keys()], changed };
}
