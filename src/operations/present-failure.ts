import type { VaultError } from '../errors.js';
import type { components } from '../generated/api.js';

/** What one item of many failed with, as the API tells it inside an answer. */
export function presentFailure({ code, message, context }: VaultError): components['schemas']['HTTPError'] {
  return { error_code: code, message, context: { ...context } };
}
