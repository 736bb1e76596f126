import type { QueryResultRow } from 'pg';
import { VaultError } from '../../errors.js';
import type { Statement } from '../../store/database.js';
import { ReferenceViolation, UniqueViolation } from '../../store/database-errors.js';
import type { IndexedValue } from '../../store/objects/object-row.js';
import { releaseExpiredValues } from '../../store/objects/unique-values.js';
import type { KnownCollection } from '../collection-named.js';
import type { Vault } from '../vault.js';
import { refusal } from './owners.js';

/**
 * Commits writes of an object whose unique values may be taken. A value that only an expired object holds is taken from it, in the same
 * transaction; one that is truly taken is PV9001 naming the property; an id that exists is PV9022, an owner that was deleted meanwhile PV9035 and such a
 * collection PV1004.
 */
export async function commitWithUniqueValues(
  vault: Vault,
  collection: KnownCollection,
  indexes: readonly IndexedValue[],
  statements: readonly Statement[],
): Promise<QueryResultRow[][]> {
  try {
    return await vault.database.commit(statements);
  } catch (error) {
    if (!isTakenValue(error)) throw refusalOf(error, collection);
  }

  const release = releaseExpiredValues(vault.keyring.lookup.version, indexes);
  try {
    return (await vault.database.commit([release, ...statements])).slice(1);
  } catch (error) {
    throw refusalOf(error, collection);
  }
}

function isTakenValue(error: unknown): error is UniqueViolation {
  return error instanceof UniqueViolation && error.constraint === 'blind_index_unique_value';
}

function refusalOf(error: unknown, collection: KnownCollection): unknown {
  if (isTakenValue(error)) {
    const property = collection.ownById.get(error.leadingId ?? -1)?.name;
    return new VaultError('PV9001', property ? { property } : {});
  }
  if (error instanceof UniqueViolation && error.constraint === 'object_pkey') return new VaultError('PV9022');
  return error instanceof ReferenceViolation ? refusalOfReference(error) : error;
}

/** PV9035 where the owner of an object was deleted meanwhile, PV1004 where its collection was. */
export function refusalOfReference({ constraint }: ReferenceViolation): VaultError {
  const isOwner = constraint === 'object_owner_collection_id_owner_id_fkey';
  return isOwner ? refusal('_owner_id', 'is gone') : new VaultError('PV1004');
}
