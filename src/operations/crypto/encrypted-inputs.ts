import type { components } from '../../generated/api.js';
import type { Operation as PolicyOperation } from '../../policy/operations.js';
import type { Call } from '../call.js';
import type { KnownCollection } from '../collection-named.js';
import type { FieldText, NamedOwner, ReadFields } from '../objects/read-fields.js';
import { refuseHopeless } from '../permit.js';
import { NO_TENANT } from '../tenancy.js';
import type { Vault } from '../vault.js';
import { jsonOfValue, textOfValue } from './field-values.js';
import { type OpenCiphertext, givenCiphertext, openCiphertexts } from './open-ciphertext.js';

type WireEncrypted = components['schemas']['EncryptedObjectInput'];

/** What is in the ciphertexts of a request, by the members that brought them. Plaintext: record the access before anything comes of it. */
export type EncryptedInputs = ReadonlyMap<unknown, ReadFields>;

/** An item of a request, as far as it may bring a ciphertext. */
interface Item {
  readonly object?: { readonly encrypted?: WireEncrypted | null | undefined };
}

/**
 * Opens the ciphertexts among the input objects of a request, all or none. Their values are normalised already and count as if they were given as
 * fields; the tenant is the ciphertext's. Refuses first whom no policy could allow `operation`; throws what {@link openCiphertexts} throws.
 */
export async function openEncryptedInputs(
  call: Call,
  vault: Vault,
  collection: KnownCollection,
  operation: PolicyOperation,
  items: readonly { readonly item: Item; readonly field: string }[],
): Promise<EncryptedInputs> {
  const members = items.flatMap(({ item, field }) => {
    const encrypted = item.object?.encrypted;
    return encrypted ? [{ encrypted, field: `${field}.object.encrypted` }] : [];
  });
  if (members.length === 0) return new Map();

  await refuseHopeless(call, collection, operation);
  const given = members.map(({ encrypted, field }) => givenCiphertext(encrypted, field));
  const opened = await openCiphertexts(call, vault, collection, given, 'active');
  return new Map(members.map(({ encrypted }, i) => [encrypted, asFields(call, collection, opened[i]!)]));
}

function asFields(call: Call, collection: KnownCollection, { tenant, values }: OpenCiphertext): ReadFields {
  const fields: FieldText[] = [];
  for (const [name, value] of values) {
    const property = collection.own.get(name);
    if (property) fields.push({ property, text: textOfValue(value) });
  }
  const builtin = (name: string): string | undefined => {
    const value = values.get(name);
    return value && (jsonOfValue(value) as string);
  };
  // Where the request names one tenant, the ciphertext is that one's: it says nothing more, as fields would not.
  const isSaid = call.tenants.length === 1 || tenant === NO_TENANT;
  return {
    fields,
    id: builtin('id'),
    tenant: isSaid ? undefined : tenant,
    owner: ownerIn(builtin('_owner_id'), builtin('_owner_collection')),
  };
}

function ownerIn(id: string | undefined, collection: string | undefined): NamedOwner | undefined {
  return id !== undefined && collection !== undefined ? { id, collection } : undefined;
}
