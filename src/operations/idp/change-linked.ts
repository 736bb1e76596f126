import { encodePacked } from '../../crypto/index.js';
import type { Statement } from '../../store/database.js';
import { changeObject } from '../../store/objects/change-object.js';
import type { IndexedValue, ObjectRow } from '../../store/objects/object-row.js';
import type { Call } from '../call.js';
import type { KnownCollection } from '../collection-named.js';
import { blindIndexesOf, isBlindIndexed } from '../objects/blind-indexes.js';
import type { OpenObject } from '../objects/open-object.js';
import { sealFields } from '../objects/prepare-object.js';
import type { FieldText } from '../objects/read-fields.js';
import { substringFiltersOf } from '../objects/substring-filters.js';
import type { Vault } from '../vault.js';

/** An object as it will be, and the statement that makes it so. */
export interface LinkedChange {
  readonly changed: OpenObject;
  readonly statement: Statement;
  readonly indexes: readonly IndexedValue[];
}

type Lifetime = Pick<ObjectRow, 'expiresAt' | 'owner'>;

/** Gives fields of an object new values, ends its life (`expiresAt`), or gives it another owner. Whatever else it has stays. Nothing is stored yet. */
export async function changeLinked(
  call: Call,
  vault: Vault,
  collection: KnownCollection,
  object: OpenObject,
  given: readonly FieldText[],
  { expiresAt = object.row.expiresAt, owner = object.row.owner }: Partial<Lifetime> = {},
): Promise<LinkedChange> {
  const { row, key, place } = object;
  const revision = row.revision + 1;
  const replaced = new Set(given.map(({ property }) => property.id));
  const kept = object.fields.filter(
    ({ property }) => !replaced.has(property) && collection.ownById.has(property),
  );
  const fields = [...kept, ...sealFields(key, place, given, revision)];

  const { lookup } = vault.keyring;
  const keyset = await vault.keyring.sealing(collection.id, row.tenant);
  const indexes = blindIndexesOf(lookup, collection.id, given);
  const unique = [...collection.own.values()].filter((property) => property.isUnique);
  const statement = changeObject({
    collection: collection.id,
    id: row.id,
    fromRevision: row.revision,
    sealed: encodePacked(fields),
    expiresAt,
    owner,
    createdAt: null,
    modifiedAt: call.startedAt,
    key: keyset.wrapObjectKey(key, place, { revision, fields, expiresAt, owner }),
    reindexed: [...replaced],
    indexes,
    substrings: substringFiltersOf(lookup, collection.id, given),
    lookupVersion: lookup.version,
    holdsUnique: expiresAt === null || expiresAt.getTime() > call.startedAt.getTime(),
    revived: false,
    uniqueProperties: unique.filter(isBlindIndexed).map(({ id }) => id),
  });
  const changed = { ...object, row: { ...row, revision, expiresAt, owner }, fields };
  return { changed, statement, indexes };
}
