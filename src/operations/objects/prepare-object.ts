import { randomUUID } from 'node:crypto';
import { VaultError } from '../../errors.js';
import {
  type ObjectKey,
  type PackedField,
  type Place,
  encodePacked,
  sealFields as sealValues,
} from '../../crypto/index.js';
import type { Statement } from '../../store/database.js';
import { insertObject } from '../../store/objects/insert-object.js';
import type { IndexedValue } from '../../store/objects/object-row.js';
import type { Call } from '../call.js';
import type { KnownCollection } from '../collection-named.js';
import { tenantForNew } from '../tenancy.js';
import type { Vault } from '../vault.js';
import { blindIndexesOf } from './blind-indexes.js';
import type { ImportedTimes } from './imported-times.js';
import { readObjectIds } from './object-ids.js';
import { ownerOfNew } from './owners.js';
import type { FieldText, ReadFields } from './read-fields.js';
import { substringFiltersOf } from './substring-filters.js';

/** A new object, sealed and ready to be inserted. */
export interface PreparedObject {
  readonly id: string;
  readonly place: Place;
  readonly key: ObjectKey;
  readonly expiresAt: Date | null;
  readonly indexes: readonly IndexedValue[];
  readonly statement: Statement;
}

/** The names of the properties that a write gives; the id stands in where it gives none, so that a policy is always asked. */
export function givenProperties(read: ReadFields): string[] {
  const names = read.fields.map(({ property }) => property.name);
  if (read.tenant !== undefined) names.push('_tenant_id');
  if (read.owner !== undefined) names.push('_owner_id', '_owner_collection');
  return names.length > 0 ? names : ['id'];
}

/** Throws PV9002 naming a property that is not nullable and is not given. */
export function checkComplete(collection: KnownCollection, fields: readonly FieldText[]): void {
  const given = new Set(fields.map(({ property }) => property.name));
  for (const property of collection.own.values()) {
    if (!property.isNullable && !given.has(property.name)) {
      throw new VaultError('PV9002', { property: property.name });
    }
  }
}

/**
 * Seals a new object; times that an import states win over the request's. Nothing is stored yet. Throws what {@link ownerOfNew} throws.
 */
export async function prepareObject(
  call: Call,
  vault: Vault,
  collection: KnownCollection,
  read: ReadFields,
  expires: Date | null,
  times: ImportedTimes = {},
): Promise<PreparedObject> {
  const expiresAt = times.expiresAt === undefined ? expires : times.expiresAt;
  const active = expiresAt === null || expiresAt.getTime() > call.startedAt.getTime();
  const id = read.id === undefined ? randomUUID() : readObjectIds([read.id])[0]!;
  const owner = await ownerOfNew(call, vault, collection, read);
  const tenant = owner ? owner.tenant : tenantForNew(call, read.tenant);
  const place = { tenant, collection: collection.id, record: id };
  const keyset = await vault.keyring.sealing(collection.id, tenant);
  const { lookup } = vault.keyring;

  const key = keyset.newObjectKey();
  const fields = sealFields(key, place, read.fields, 1);
  // What was archived when it was exported holds no value against others.
  const indexes = blindIndexesOf(lookup, collection.id, read.fields).map((index) => ({
    ...index,
    unique: index.unique && active,
  }));
  const statement = insertObject({
    collection: collection.id,
    id,
    tenant,
    sealed: encodePacked(fields),
    expiresAt,
    owner: owner?.ref ?? null,
    createdAt: times.createdAt ?? call.startedAt,
    modifiedAt: times.modifiedAt ?? call.startedAt,
    key: keyset.wrapObjectKey(key, place, { revision: 1, fields, expiresAt, owner: owner?.ref ?? null }),
    indexes,
    substrings: substringFiltersOf(lookup, collection.id, read.fields),
    lookupVersion: lookup.version,
  });
  return { id, place, key, expiresAt, indexes, statement };
}

/** Seals the values among `fields` at a revision; those that are null have nothing to seal. */
export function sealFields(
  key: ObjectKey,
  place: Place,
  fields: readonly FieldText[],
  revision: number,
): PackedField[] {
  const values = fields.flatMap(({ property, text }) =>
    text === null ? [] : [{ property: property.id, text }],
  );
  return sealValues(key, place, revision, values);
}
