import type { ProviderAnswer } from '../../idp/adapter.js';
import type { Fields } from '../../idp/event-fields.js';
import type { ErrorCode, VaultError } from '../../errors.js';
import type { FailedRequest, FailureAnswer } from '../operation.js';
import { findAdapterEvent, hooksOf, speaksFor } from './hook-of.js';

/** Failures of the vault whose status says that it was the request: damaged rows, and others who were faster again and again. */
const OURS: ReadonlySet<ErrorCode> = new Set(['PV9010', 'PV3218']);

/**
 * What a provider that takes every error for a refusal is told while the vault is away: that nothing changes. A request that is refused stays refused. Where
 * a hook says `on_failure = "deny"` the error is answered as it is, but not for who has a token already (docs/adr/0043).
 */
export function unchangedAnswer(error: VaultError, request: FailedRequest): FailureAnswer | null {
  const { provider = '', event = '' } = request.path;
  const answer = findAdapterEvent(provider, event)?.answer;
  if (answer?.unchanged === undefined || !isFailure(error, request)) return null;
  if (isDenied(answer, provider, request)) return null;
  return { status: 200, body: answer.unchanged };
}

function isFailure({ code, status }: VaultError, { principal }: FailedRequest): boolean {
  // Too many requests of a client that is known; of anybody else it is an attack on a key.
  return status >= 500 || OURS.has(code) || (code === 'PV9016' && principal !== undefined);
}

/** Without knowing who called, any hook of the provider may be the one that was meant. What was not read may be a refresh. */
function isDenied(answer: ProviderAnswer, provider: string, request: FailedRequest): boolean {
  const { principal, metadata, body } = request;
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
  if (!isObject || (answer.isRefresh?.(body as Fields) ?? true)) return false;
  return (metadata ? hooksOf(metadata.iam.config, provider) : []).some(
    (hook) => hook.onFailure === 'deny' && (principal === undefined || speaksFor(principal, hook)),
  );
}
