import type { CiphertextType } from '../../crypto/index.js';
import { VaultError } from '../../errors.js';
import type { components } from '../../generated/api.js';
import type { KnownCollection } from '../collection-named.js';
import { readObjectIds } from '../objects/object-ids.js';
import { type ReadFields, readFields } from '../objects/read-fields.js';
import type { Vault } from '../vault.js';
import { DEFAULT_SCOPE, type GivenCiphertext, givenCiphertext } from './open-ciphertext.js';
import { readTags } from './seal-values.js';

/** What a ciphertext is made of: values given here, a stored object, or another ciphertext. */
export type EncryptionInput =
  | { readonly kind: 'fields'; readonly read: ReadFields }
  | { readonly kind: 'object'; readonly id: string }
  | { readonly kind: 'encrypted'; readonly given: GivenCiphertext };

/** One item of an encrypt request, read and checked as far as it can be without looking anything up. */
export interface EncryptionRequest {
  /** The very same one for items that refer to each other. */
  readonly input: EncryptionInput;
  /** Names of the properties to encrypt; null: all there are, built-in ones excepted. */
  readonly props: readonly string[] | null;
  readonly type: CiphertextType;
  readonly scope: string;
  readonly tags: readonly string[];
}

type WireRequest = components['schemas']['EncryptionRequest'];

/**
 * Reads the items of a request. Throws PV3004 for an unknown property, PV9006 where the input is not exactly one of its kinds or refers to no
 * earlier item, and what reading fields and tags throws. The context names the place.
 */
export function readEncryptionRequests(
  vault: Vault,
  collection: KnownCollection,
  items: readonly WireRequest[],
): EncryptionRequest[] {
  const requests: EncryptionRequest[] = [];
  items.forEach((item, i) => {
    const at = `body[${i}]`;
    const type = item.type ?? 'randomized';
    requests.push({
      input: readInput(vault, collection, item, at, requests),
      props: readNames(collection, item.props, `${at}.props`),
      type,
      scope: item.scope || DEFAULT_SCOPE,
      tags: readTags(vault, type, item.tags, `${at}.tags`),
    });
  });
  return requests;
}

/** The properties named in `props`, each once; null where none is. Throws PV3004: transformations cannot be encrypted. */
export function readNames(
  collection: KnownCollection,
  names: readonly string[] | undefined,
  field: string,
): string[] | null {
  if (!names || names.length === 0) return null;
  const unknown = names.findIndex((name) => !collection.all.has(name));
  if (unknown >= 0) throw new VaultError('PV3004', { field: `${field}[${unknown}]` });
  return [...new Set(names)];
}

function readInput(
  vault: Vault,
  collection: KnownCollection,
  item: WireRequest,
  at: string,
  earlier: readonly EncryptionRequest[],
): EncryptionInput {
  const { id, fields, encrypted, request_index: index } = item.object;
  const given = [id, fields, encrypted, index].filter((kind) => kind !== undefined && kind !== null);
  if (given.length !== 1)
    throw new VaultError('PV9006', { field: `${at}.object`, reason: 'exactly one input' });

  if (fields) return { kind: 'fields', read: readFields(collection, fields, vault.settings.types) };
  if (typeof id === 'string') return { kind: 'object', id: readObjectIds([id])[0]! };
  if (encrypted) return { kind: 'encrypted', given: givenCiphertext(encrypted, `${at}.object.encrypted`) };
  const meant = earlier[index!];
  if (!meant) {
    throw new VaultError('PV9006', { field: `${at}.object.request_index`, reason: 'not an earlier item' });
  }
  return meant.input;
}
