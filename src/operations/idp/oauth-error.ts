import type { ErrorCode, VaultError } from '../../errors.js';
import type { FailureAnswer } from '../operation.js';
import { presentError } from '../present-error.js';

/** Errors of RFC 6749 (5.2) and RFC 8693 (2.2.2) for errors of ours; any other refusal is an invalid request. */
const BY_CODE: Readonly<Partial<Record<ErrorCode, string>>> = {
  PV1005: 'invalid_client',
  PV1011: 'invalid_client',
  PV1006: 'unauthorized_client',
  PV1007: 'unauthorized_client',
  PV9065: 'unauthorized_client',
  PV9066: 'unauthorized_client',
  PV9088: 'unauthorized_client',
};
const BY_PARAMETER: Readonly<Record<string, string>> = {
  grant_type: 'unsupported_grant_type',
  audience: 'invalid_target',
  resource: 'invalid_target',
  scope: 'invalid_scope',
};

/** An error as OAuth clients read it, with what every other client of the vault reads beside it. */
export function oauthError(error: VaultError): FailureAnswer {
  const body = { error: nameOf(error), error_description: error.message, ...presentError(error) };
  return { status: error.status, body };
}

function nameOf({ code, status, context }: VaultError): string {
  if (status === 500) return 'server_error';
  if (status > 500 || status === 429) return 'temporarily_unavailable';
  if (code === 'PV9104') return BY_PARAMETER[context.field ?? ''] ?? 'invalid_request';
  return BY_CODE[code] ?? 'invalid_request';
}
