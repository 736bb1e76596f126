import type { Logger } from 'winston';
import type { VaultError } from '../errors.js';
import { NOBODY } from '../operations/access.js';
import type { Exchange } from './exchange.js';
import { KeySetError } from './jwt/fetch-key-set.js';

/**
 * Writes one line about a finished request (api.md 8.3). The path is the contract's template and the collection one that exists: what
 * else stands in a URL is the caller's text and could be anything. Never a value, a token, an object id or a query.
 */
export function logRequest(log: Logger, exchange: Exchange): void {
  const { req, res, access } = exchange;
  // Undefined where a guard before it turned the request away.
  const route = exchange.route as Exchange['route'] | undefined;
  const collection = route?.path.collection;
  const answered = res.writableFinished;
  const authenticated = access !== undefined && exchange.principal !== NOBODY;
  log.log({
    level: !answered || res.statusCode >= 500 ? 'warn' : 'info',
    message: answered ? 'request' : 'request broken off',
    method: req.method,
    operation_id: route?.operation.operationId,
    path: route?.operation.path,
    status_code: answered ? res.statusCode : undefined,
    duration: Math.round(exchange.elapsed * 1_000) / 1_000,
    request_id: exchange.requestId,
    caller_request_id: exchange.callerRequestId ?? undefined,
    // The subject of a JWT may be somebody's e-mail address.
    user: authenticated ? (exchange.principal.jwt?.idp ?? exchange.principal.user) : undefined,
    detail: exchange.refusal ?? undefined,
    reason: (authenticated && exchange.reason) || undefined,
    collection:
      authenticated && collection !== undefined && exchange.metadata.collections.has(collection)
        ? collection
        : undefined,
    error_code: exchange.errorCode ?? undefined,
  });
}

/** Whether an error says more about the vault than about the request: a fault, data that fails its check, a database away. */
export function concernsOperator(error: VaultError): boolean {
  return isFault(error) || (error.status >= 500 && error.detail !== undefined);
}

/** Tells the operator, with what may be known: the detail of a VaultError is free of values. */
export function logFault(log: Logger, exchange: Exchange | undefined, error: VaultError): void {
  log.log({
    level: isFault(error) ? 'error' : 'warn',
    message: error.message,
    error_code: error.code,
    request_id: exchange?.requestId,
    detail: error.detail,
  });
}

/** Tells the operator why the keys of an identity provider did not come. */
export function logKeySetFailure(log: Logger, error: unknown): void {
  const detail = error instanceof KeySetError ? error.message : 'unknown';
  log.warn('the keys of an identity provider were not fetched', { detail });
}

function isFault({ code }: VaultError): boolean {
  return code === 'PV1000' || code === 'PV9010' || code === 'PV9063';
}
