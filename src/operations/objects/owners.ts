import { VaultError } from '../../errors.js';
import { findObjects } from '../../store/objects/find-objects.js';
import type { ObjectRow, OwnerRef } from '../../store/objects/object-row.js';
import type { Call } from '../call.js';
import type { KnownCollection } from '../collection-named.js';
import { expirationOfNew } from '../expiration.js';
import { checkTenants } from '../tenancy.js';
import type { Vault } from '../vault.js';
import type { NamedOwner, ReadFields } from './read-fields.js';

/** An owner that was looked up and is active. */
export interface Owner {
  readonly ref: OwnerRef;
  readonly tenant: string;
  readonly expiresAt: Date | null;
}

/**
 * The owner that a write of a DATA object names. Owners are PERSONS and have no owner themselves, so there are neither chains nor cycles.
 * Throws PV9035 where it is not an active object of a PERSONS collection, PV9009 where it belongs to a tenant that the request is not for.
 * Requests that are under way together share the look-up.
 */
async function ownerNamed(
  call: Call,
  vault: Vault,
  collection: KnownCollection,
  named: NamedOwner,
): Promise<Owner> {
  if (collection.stored.type !== 'DATA') throw refusal('_owner_id', 'only a DATA object can have an owner');
  const persons = call.metadata.collections.get(named.collection);
  if (persons?.type !== 'PERSONS') throw refusal('_owner_collection', 'must name a PERSONS collection');

  const [row] = await findObjects(vault.database, persons.id, [named.id], 'active');
  if (!row) throw refusal('_owner_id', 'must be an active object of _owner_collection');
  checkTenants(call, [row]);
  return { ref: { collection: persons.id, id: row.id }, tenant: row.tenant, expiresAt: row.expiresAt };
}

/** The owner of a new object, null for none. Besides what {@link ownerNamed} throws, PV9035 where the object names a tenant too. */
export async function ownerOfNew(
  call: Call,
  vault: Vault,
  collection: KnownCollection,
  read: ReadFields,
): Promise<Owner | null> {
  if (!read.owner) return null;
  if (read.tenant !== undefined) throw refusal('_tenant_id', 'is taken from the owner');
  return ownerNamed(call, vault, collection, read.owner);
}

/**
 * The owner of an object after a change, and when that expires. An owner can be changed, and be taken away by null; another one must be of
 * the object's tenant, since a tenant cannot change: PV9035.
 */
export async function ownerOfChanged(
  call: Call,
  vault: Vault,
  collection: KnownCollection,
  row: ObjectRow,
  read: ReadFields,
): Promise<Pick<ObjectRow, 'owner' | 'ownerExpiresAt'>> {
  if (read.owner === undefined) return row;
  if (read.owner === null) return { owner: null, ownerExpiresAt: null };
  // Its owner of before may be given again while both are archived.
  const persons = call.metadata.collections.get(read.owner.collection);
  if (row.owner && row.owner.collection === persons?.id && row.owner.id === read.owner.id) return row;

  const owner = await ownerNamed(call, vault, collection, read.owner);
  if (owner.tenant !== row.tenant) throw refusal('_owner_id', 'belongs to another tenant');
  return { owner: owner.ref, ownerExpiresAt: owner.expiresAt };
}

/**
 * When new objects of a request expire by themselves: reads what the request says of it, at once, and returns what that means for each. An owned object is gone with its
 * owner in any case.
 */
export function expirationOfNewObjects(
  call: Call,
  vault: Vault,
  text: string | undefined,
): (read: ReadFields) => Date | null {
  const { ownedObjects, objects } = vault.settings.expiration;
  const owned = expirationOfNew(text, call.startedAt, ownedObjects);
  const own = expirationOfNew(text, call.startedAt, objects);
  return (read) => (read.owner ? owned : own);
}

/** An owner that cannot be had. */
export function refusal(property: string, reason: string): VaultError {
  return new VaultError('PV9035', { property, reason });
}
