import { findObjects } from '../../store/objects/find-objects.js';
import type { Call } from '../call.js';
import type { KnownCollection } from '../collection-named.js';
import { checkAllFound } from '../objects/object-ids.js';
import { type OpenObject, openFieldText, openObject } from '../objects/open-object.js';
import type { ReadFields } from '../objects/read-fields.js';
import { builtinValue } from '../objects/reveal.js';
import { NO_TENANT, checkTenants, tenantForNew } from '../tenancy.js';
import type { Vault } from '../vault.js';
import type { EncryptionInput, EncryptionRequest } from './encryption-request.js';
import { type FieldValue, type FieldValues, valueFromText } from './field-values.js';
import { type OpenCiphertext, openCiphertexts } from './open-ciphertext.js';

/** Where the values of a new ciphertext come from. */
export interface EncryptionSource {
  /** What the new ciphertext belongs to: '' for none. */
  readonly tenant: string;
  /** When what it is made of expires, where that is a ciphertext itself. */
  readonly expiresAt: Date | null;
  /** Opens what is asked for; what has no value is left out. Call it after the access was recorded. Throws PV9010. */
  values(names: readonly string[]): FieldValues;
}

/** The ciphertexts among the inputs, opened: what they hold decides what a policy is asked for. Throws what {@link openCiphertexts} throws. */
export async function openInputs(
  call: Call,
  vault: Vault,
  collection: KnownCollection,
  requests: readonly EncryptionRequest[],
): Promise<ReadonlyMap<EncryptionInput, OpenCiphertext>> {
  const inputs = [...new Set(requests.map(({ input }) => input))].filter(
    (input) => input.kind === 'encrypted',
  );
  const given = inputs.map((input) => input.given);
  const opened = await openCiphertexts(call, vault, collection, given, 'active');
  return new Map(inputs.map((input, i) => [input, opened[i]!]));
}

/** The properties to encrypt: those named, else the operator's own that the input has, or all that a ciphertext holds. */
export function chosenProperties(
  collection: KnownCollection,
  { input, props }: EncryptionRequest,
  opened: ReadonlyMap<EncryptionInput, OpenCiphertext>,
): readonly string[] {
  if (props) return props;
  switch (input.kind) {
    case 'fields':
      return input.read.fields.map(({ property }) => property.name);
    case 'object':
      return [...collection.own.keys()];
    case 'encrypted':
      return [...opened.get(input)!.values.keys()];
  }
}

/**
 * The source of each request, its objects found in one statement. Throws PV3005 for objects that do not exist, PV9009 for other tenants', PV9010 for
 * one that was tampered with, PV9006 where the tenant of given fields is open.
 */
export async function loadSources(
  call: Call,
  vault: Vault,
  collection: KnownCollection,
  requests: readonly EncryptionRequest[],
  opened: ReadonlyMap<EncryptionInput, OpenCiphertext>,
): Promise<EncryptionSource[]> {
  const ids = objectsOf(requests);
  const rows = ids.length > 0 ? await findObjects(vault.database, collection.id, ids, 'active') : [];
  checkAllFound(ids, rows);
  checkTenants(call, rows);

  const objects = new Map<string, OpenObject>();
  for (const row of rows) objects.set(row.id, await openObject(vault, row));
  return requests.map(({ input }) => {
    switch (input.kind) {
      case 'fields':
        return fromFields(call, collection, input.read);
      case 'object':
        return fromObject(call, collection, objects.get(input.id)!);
      case 'encrypted':
        return fromCiphertext(opened.get(input)!);
    }
  });
}

/** The ids of the objects that requests name, each once. */
export function objectsOf(requests: readonly EncryptionRequest[]): string[] {
  return [...new Set(requests.flatMap(({ input }) => (input.kind === 'object' ? [input.id] : [])))];
}

function fromFields(call: Call, collection: KnownCollection, read: ReadFields): EncryptionSource {
  const tenant = tenantForNew(call, read.tenant);
  const texts = new Map(read.fields.map(({ property, text }) => [property.name, text]));
  const textOf = (name: string): string | null => {
    if (name === 'id') return read.id === undefined ? null : JSON.stringify(read.id);
    if (name === '_tenant_id') return tenant === NO_TENANT ? null : JSON.stringify(tenant);
    return texts.get(name) ?? null;
  };
  return { tenant, expiresAt: null, values: (names) => valuesOf(collection, names, textOf) };
}

function fromObject(call: Call, collection: KnownCollection, object: OpenObject): EncryptionSource {
  const textOf = (name: string): string | null => {
    const own = collection.own.get(name);
    if (own) return openFieldText(object, own.id);
    const value = builtinValue(object.row, name, call.metadata);
    return value === null ? null : JSON.stringify(value);
  };
  // The object's own expiry is that of what is stored; a copy that the caller keeps has the one it is given.
  return {
    tenant: object.row.tenant,
    expiresAt: null,
    values: (names) => valuesOf(collection, names, textOf),
  };
}

function fromCiphertext({ tenant, expiresAt, values }: OpenCiphertext): EncryptionSource {
  return { tenant, expiresAt, values: (names) => pick(values, names) };
}

/** The values among `values` that are named. */
export function pick(values: FieldValues, names: readonly string[]): FieldValues {
  const picked = new Map<string, FieldValue>();
  for (const name of names) {
    const value = values.get(name);
    if (value) picked.set(name, value);
  }
  return picked;
}

function valuesOf(
  collection: KnownCollection,
  names: readonly string[],
  textOf: (name: string) => string | null,
): FieldValues {
  const values = new Map<string, FieldValue>();
  for (const name of names) {
    const text = textOf(name);
    if (text !== null) values.set(name, valueFromText(collection, name, text));
  }
  return values;
}
