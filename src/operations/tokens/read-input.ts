import { VaultError } from '../../errors.js';
import type { components } from '../../generated/api.js';
import type { KnownCollection } from '../collection-named.js';
import type { EncryptedInputs } from '../crypto/encrypted-inputs.js';
import { readObjectIds } from '../objects/object-ids.js';
import { checkComplete } from '../objects/prepare-object.js';
import { type ReadFields, readFields } from '../objects/read-fields.js';
import type { Vault } from '../vault.js';

/** What values are taken from: an object that exists, values given here, or the object that an earlier item of the request stores. */
export type Input =
  | { readonly kind: 'object'; readonly id: string }
  | { readonly kind: 'fields'; readonly read: ReadFields; readonly store: boolean }
  | { readonly kind: 'stored-by'; readonly item: number; readonly read: ReadFields };

export type WireInput = components['schemas']['InputObject'];

/** Names a member of the item that is being read. */
export type At = (member: string) => string;

const KINDS = ['id', 'fields', 'encrypted', 'request_index'] as const;

/**
 * Reads the object that values are taken from; `earlier` are the inputs of the items before it, `encrypted` the opened ciphertexts of the request. Throws
 * PV9006 where it is not exactly one of its kinds or names no earlier item, and what reading the fields throws.
 */
export function readInput(
  vault: Vault,
  collection: KnownCollection,
  object: WireInput,
  {
    at,
    encrypted,
    store = false,
    earlier = [],
  }: { at: At; encrypted: EncryptedInputs; store?: boolean; earlier?: readonly Input[] },
): Input {
  const wire = object as Record<string, unknown>;
  const given = KINDS.filter((kind) => wire[kind] !== undefined && wire[kind] !== null);
  if (given.length !== 1)
    throw new VaultError('PV9006', { field: at('object'), reason: 'exactly one input' });
  const [kind] = given;
  if (store && kind !== 'fields' && kind !== 'encrypted')
    throw new VaultError('PV9006', { field: at('store_object'), reason: 'needs fields' });

  switch (kind!) {
    case 'id':
      return { kind: 'object', id: readObjectIds([wire.id as string])[0]! };
    case 'fields':
      return readGiven(vault, collection, wire.fields as Record<string, unknown>, store, at);
    case 'request_index':
      return inputOfItem(earlier, wire.request_index as number, at);
    case 'encrypted':
      return inputOfCiphertext(collection, encrypted.get(wire.encrypted)!, store, at);
  }
}

/** The names of the properties an input gives: an object's are all there are. */
export function propertiesOfInput(collection: KnownCollection, input: Input): string[] {
  if (input.kind === 'object') return [...collection.own.keys()];
  // A tenant among the fields is no value.
  return input.read.fields.map(({ property }) => property.name);
}

function readGiven(
  vault: Vault,
  collection: KnownCollection,
  fields: Record<string, unknown>,
  store: boolean,
  at: At,
): Input {
  const read = readFields(collection, fields, vault.settings.types);
  if (store) checkComplete(collection, read.fields);
  else if (read.owner)
    throw new VaultError('PV9035', { field: at('object.fields'), reason: 'needs store_object' });
  else if (read.id !== undefined)
    throw new VaultError('PV9006', { field: at('object.fields'), property: 'id' });
  return { kind: 'fields', read, store };
}

/** A ciphertext may hold the id and the owner of an object, too: they say nothing of a token, and the id is that of an object which is stored. */
function inputOfCiphertext(collection: KnownCollection, read: ReadFields, store: boolean, at: At): Input {
  if (!store) return { kind: 'fields', read: { ...read, id: undefined, owner: undefined }, store };
  // Whom it named may be somebody else's by now, and without an owner it would outlive the one it had.
  if (read.owner)
    throw new VaultError('PV9035', { field: at('object.encrypted'), reason: 'not from a ciphertext' });
  checkComplete(collection, read.fields);
  return { kind: 'fields', read, store };
}

function inputOfItem(earlier: readonly Input[], item: number, at: At): Input {
  const input = earlier[item];
  if (!input)
    throw new VaultError('PV9006', { field: at('object.request_index'), reason: 'no earlier item' });
  if (input.kind !== 'fields' || !input.store) return input;
  return { kind: 'stored-by', item, read: input.read };
}
