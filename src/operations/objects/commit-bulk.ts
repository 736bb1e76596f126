import { VaultError } from '../../errors.js';
import type { Statement } from '../../store/database.js';
import { ReferenceViolation, UniqueViolation } from '../../store/database-errors.js';
import type { IndexedValue } from '../../store/objects/object-row.js';
import { releaseExpiredValues } from '../../store/objects/unique-values.js';
import type { Vault } from '../vault.js';
import { BulkRefusal, type Faults } from './bulk-items.js';
import { refusalOfReference } from './commit-with-unique-values.js';

/** By the third time whoever stood in the way has gone, or somebody always will. */
const ATTEMPTS = 3;

/**
 * Commits a bulk write, all of it or nothing. The database says only that it cannot be; `blame` then finds out because of which items, and
 * {@link BulkRefusal} says so. Where none is to blame, an expired holder of a unique value has to yield, or whoever was in
 * the way has gone: it is tried again. PV3218 where that does not help, PV9035 for an owner and PV1004 for
 * a collection that was deleted meanwhile.
 */
export async function commitBulk(
  vault: Vault,
  wanted: readonly IndexedValue[],
  statements: readonly Statement[],
  blame: (faults: Faults) => Promise<void>,
): Promise<void> {
  const release = releaseExpiredValues(vault.keyring.lookup.version, wanted);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    try {
      await vault.database.commit(attempt === 1 ? statements : [release, ...statements]);
      return;
    } catch (error) {
      if (error instanceof ReferenceViolation) throw refusalOfReference(error);
      if (!isConflict(error)) throw error;
    }
    const faults: Faults = new Map();
    await blame(faults);
    if (faults.size > 0) throw new BulkRefusal(faults);
  }
  throw new VaultError('PV3218');
}

/** A record of an Idempotency-Key that is there already is no conflict of items: its answer is the answer. */
function isConflict(error: unknown): boolean {
  if (error instanceof UniqueViolation) {
    return error.constraint === 'blind_index_unique_value' || error.constraint === 'object_pkey';
  }
  return error instanceof VaultError && error.code === 'PV3218';
}
