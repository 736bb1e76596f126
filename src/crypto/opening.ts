import { VaultError } from '../errors.js';

/**
 * Runs the opening of something that was stored. Whatever is wrong with it, also a number or a moment that no row of ours could
 * hold, is the one error PV9010: which check failed is nobody's business.
 */
export function opening<T>(open: () => T): T {
  try {
    return open();
  } catch {
    throw new VaultError('PV9010');
  }
}
