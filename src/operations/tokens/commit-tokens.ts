import { VaultError } from '../../errors.js';
import type { Statement } from '../../store/database.js';
import { UniqueViolation } from '../../store/database-errors.js';
import type { IndexedValue } from '../../store/objects/object-row.js';
import type { KnownCollection } from '../collection-named.js';
import { commitWithUniqueValues } from '../objects/commit-with-unique-values.js';
import type { Vault } from '../vault.js';

/**
 * Commits writes of tokens, and of the objects stored with them. Throws PV3218 where somebody else made the same record meanwhile, PV9045 for
 * a transaction id that was used before, and what the guards among the statements and the values of objects throw.
 */
export async function commitTokens(
  vault: Vault,
  collection: KnownCollection,
  statements: readonly Statement[],
  indexes: readonly IndexedValue[] = [],
): Promise<void> {
  try {
    await commitWithUniqueValues(vault, collection, indexes, statements);
  } catch (error) {
    if (!(error instanceof UniqueViolation)) throw error;
    if (error.constraint === 'token_one_per_owner') throw new VaultError('PV3218');
    if (error.constraint === 'transaction_record_pkey')
      throw new VaultError('PV9045', { field: 'transaction_id' });
    throw error;
  }
}
