import { VaultError } from '../../errors.js';
import type { Statement } from '../../store/database.js';
import { UniqueViolation } from '../../store/database-errors.js';
import type { Vault } from '../vault.js';

/** Longest that an event is tried again because somebody else was faster. */
export const MOST_RACES = 8;

/** Whether a commit failed only because a login, a deletion or a link of the same person was faster. */
export function isRaced(error: unknown): boolean {
  if (error instanceof UniqueViolation) return true;
  return error instanceof VaultError && (error.code === 'PV3218' || error.code === 'PV9022');
}

/** Commits; false where somebody else was faster, and nothing was done. */
export async function committed(vault: Vault, statements: readonly Statement[]): Promise<boolean> {
  try {
    await vault.database.commit(statements);
    return true;
  } catch (error) {
    if (isRaced(error)) return false;
    throw error;
  }
}
