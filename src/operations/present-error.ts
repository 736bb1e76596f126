import type { VaultError } from '../errors.js';
import type { components } from '../generated/api.js';

const ERROR_PAGE = 'https://docs.piiano.com/api/error-codes';
/** From here on the codes are ours, and no page of the drop-in API explains them. */
const FIRST_OF_OURS = 'PV9000';

/** An error as it travels (api.md 2.1), as a whole answer or as the error of one item of a bulk request. */
export function presentError(error: VaultError): components['schemas']['HTTPError'] {
  const body = { error_code: error.code, message: error.message, context: { ...error.context } };
  return error.code >= FIRST_OF_OURS ? body : { ...body, error_url: `${ERROR_PAGE}#${error.code}` };
}
