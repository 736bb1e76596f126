import { isWellFormedText } from '../data-types/well-formed.js';
import { VaultError } from '../errors.js';

/** Refuses with PV9004 a description that cannot be stored. */
export function checkDescription(text: string): void {
  if (isWellFormedText(text)) return;
  throw new VaultError('PV9004', { field: 'description', reason: 'must be well-formed text without NUL' });
}
