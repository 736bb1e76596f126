import type { CiphertextType } from '../../crypto/index.js';
import type { components } from '../../generated/api.js';
import type { KnownCollection } from '../collection-named.js';
import { type ReadFields, readFields } from '../objects/read-fields.js';
import type { Vault } from '../vault.js';
import { readNames } from './encryption-request.js';
import { type GivenCiphertext, givenCiphertext } from './open-ciphertext.js';

/** One item of an update, read and checked as far as it can be without opening anything. */
export interface UpdateRequest {
  readonly given: GivenCiphertext;
  readonly read: ReadFields;
  /** Names of the properties of the new ciphertext; null: all there are. */
  readonly props: readonly string[] | null;
  /** Null: as it was. */
  readonly type: CiphertextType | null;
  readonly scope: string | null;
  /** Its place in the request, for errors. */
  readonly field: string;
}

/** Reads one item. Throws PV3004 for an unknown property and what reading the fields throws. */
export function readUpdateRequest(
  vault: Vault,
  collection: KnownCollection,
  item: components['schemas']['UpdateEncryptionRequest'],
  index: number,
): UpdateRequest {
  const field = `body[${index}]`;
  return {
    given: givenCiphertext(item.encrypted_object, `${field}.encrypted_object`),
    read: readFields(collection, item.fields, vault.settings.types),
    props: readNames(collection, item.props, `${field}.props`),
    type: item.type ?? null,
    scope: item.scope || null,
    field,
  };
}
