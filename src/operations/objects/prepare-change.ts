import { VaultError } from '../../errors.js';
import { encodePacked } from '../../crypto/index.js';
import type { ObjectChange } from '../../store/objects/change-object.js';
import {
  type IndexedValue,
  type Lifecycle,
  type ObjectRow,
  effectiveExpiry,
} from '../../store/objects/object-row.js';
import type { Call } from '../call.js';
import type { KnownCollection } from '../collection-named.js';
import { expirationOfChanged } from '../expiration.js';
import type { Vault } from '../vault.js';
import { blindIndexesOf, isBlindIndexed } from './blind-indexes.js';
import type { Intake } from './intake.js';
import { openFieldText, openObject } from './open-object.js';
import { ownerOfChanged } from './owners.js';
import { sealFields } from './prepare-object.js';
import { substringFiltersOf } from './substring-filters.js';

/** A change of an object, sealed and ready to be committed. */
export interface PreparedChange {
  readonly change: ObjectChange;
  /** The values it will hold, those it takes back when it comes to life again included. */
  readonly wanted: readonly IndexedValue[];
}

/**
 * Seals the change of an object, which was found in `lifecycle`. Nothing is stored yet. Throws PV9006 where another tenant is named,
 * PV9010, and what {@link ownerOfChanged} throws.
 */
export async function prepareChange(
  call: Call<'updateObjectById' | 'updateObjects'>,
  vault: Vault,
  collection: KnownCollection,
  row: ObjectRow,
  read: Intake,
  lifecycle: Lifecycle,
): Promise<PreparedChange> {
  if (read.tenant !== undefined && read.tenant !== row.tenant) {
    throw new VaultError('PV9006', { property: '_tenant_id', reason: 'cannot change' });
  }
  const object = await openObject(vault, row);
  const { times } = read;
  const expiresAt =
    times.expiresAt === undefined
      ? expirationOfChanged(call.query.expiration_secs, call.startedAt, row.expiresAt)
      : times.expiresAt;
  const { owner, ownerExpiresAt } = await ownerOfChanged(call, vault, collection, row, read);
  const effective = effectiveExpiry({ expiresAt, ownerExpiresAt });
  const active = effective === null || effective.getTime() > call.startedAt.getTime();
  const revision = row.revision + 1;
  const changed = new Set(read.fields.map(({ property }) => property.id));
  const fields = [
    ...object.fields.filter(({ property }) => !changed.has(property) && collection.ownById.has(property)),
    ...sealFields(object.key, object.place, read.fields, revision),
  ];

  // An object that comes back to life takes back its unique values, those it is not given anew included.
  const unique = [...collection.own.values()].filter((property) => property.isUnique);
  const revived = active && lifecycle === 'archived';
  const held = unique.flatMap((property) => {
    const text = revived && !changed.has(property.id) ? openFieldText(object, property.id) : null;
    return text === null ? [] : [{ property, text }];
  });
  const { lookup } = vault.keyring;
  const keyset = await vault.keyring.sealing(collection.id, row.tenant);
  const indexes = blindIndexesOf(lookup, collection.id, read.fields);
  const change: ObjectChange = {
    collection: collection.id,
    id: row.id,
    fromRevision: row.revision,
    sealed: encodePacked(fields),
    expiresAt,
    owner,
    createdAt: times.createdAt ?? null,
    modifiedAt: times.modifiedAt ?? call.startedAt,
    key: keyset.wrapObjectKey(object.key, object.place, { revision, fields, expiresAt, owner }),
    reindexed: [...changed],
    indexes,
    substrings: substringFiltersOf(lookup, collection.id, read.fields),
    lookupVersion: lookup.version,
    holdsUnique: active,
    revived,
    uniqueProperties: unique.filter(isBlindIndexed).map(({ id }) => id),
  };
  return { change, wanted: [...indexes, ...blindIndexesOf(lookup, collection.id, held)] };
}
