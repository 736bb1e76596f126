import { VaultError } from '../../errors.js';
import { UniqueViolation } from '../../store/database-errors.js';

/** Longest that an event is tried again because somebody else was faster. */
export const MOST_RACES = 8;

/** Whether a commit failed only because a login, a deletion or a link of the same person was faster. */
export function isRaced(error: unknown): boolean {
  if (error instanceof UniqueViolation) return true;
  return error instanceof VaultError && (error.code === 'PV3218' || error.code === 'PV9022');
}
