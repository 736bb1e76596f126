import type { RequestHandler } from 'express';
import { VaultError } from '../../errors.js';
import { Access, NOBODY, asVaultError } from '../../operations/access.js';
import type { Call } from '../../operations/call.js';
import type { Operation } from '../../operations/operation.js';
import { perform } from '../../operations/perform.js';
import type { Vault } from '../../operations/vault.js';
import { sendAnswer } from '../answers.js';
import { Exchange, type Guard } from '../exchange.js';
import { findOperation } from './find-operation.js';
import { readBody } from './read-body.js';
import type { JwtIssuers } from '../jwt/jwt-issuers.js';
import type { HttpOptions } from '../options.js';

/** How long a caller in a hurry is kept for the record of a failure that shows and changes nothing. */
const TIME_TO_RECORD_MS = 300;

/**
 * Finds the operation, runs the guards one after the other and then the operation. Whatever fails once the caller is known is recorded before the error
 * goes on to be answered; only a caller who would not wait for a log that does not come is answered before.
 */
export function runOperation(
  guards: readonly Guard[],
  { operations, vault, siblings }: Pick<HttpOptions, 'operations' | 'vault' | 'siblings'>,
  issuers: JwtIssuers,
): RequestHandler {
  return async (_req, res) => {
    const exchange = Exchange.of(res);
    let budget: number | undefined;
    try {
      findOperation(exchange);
      const { operation: known, path } = exchange.route;
      const operation = operations[known.operationId] as Operation | undefined;
      budget = operation?.withinMs?.(path);
      const work = answerOf(exchange, operation);
      const answer = await (budget === undefined ? work : inTime(work, budget - exchange.elapsed));
      const sending = sendAnswer(res, answer);
      if (sending) await sending;
    } catch (error) {
      exchange.abandoned = true;
      if (budget !== undefined) await readWhatIsThere(exchange, error);
      const failing = exchange.access?.fail(error);
      if (failing === undefined) throw error;
      throw await (budget === undefined ? failing : inTime<unknown>(failing, TIME_TO_RECORD_MS, error));
    }
  };

  async function answerOf(exchange: Exchange, operation: Operation | undefined): Promise<unknown> {
    for (const guard of guards) {
      if (exchange.abandoned) throw new VaultError('PV9100');
      // Most guards are plain functions; awaiting them would cost a turn of the event loop each.
      const pending = guard(exchange);
      if (pending) await pending;
    }
    if (exchange.abandoned) throw new VaultError('PV9100');
    const { era } = vault.metadata;
    const answer = await perform(operation, callOf(vault, issuers, exchange), vault);
    // The caller's next request may come to another process, and must find what this one changed.
    if (siblings !== null && vault.metadata.era !== era) await siblings.refreshOthers();
    return answer;
  }
}

/** A failure before it was found who calls, and so before the body was read: what is answered may depend on what was asked. */
async function readWhatIsThere(exchange: Exchange, error: unknown): Promise<void> {
  if (exchange.access || asVaultError(error).status < 500) return;
  try {
    await inTime<void>(readBody(exchange), TIME_TO_RECORD_MS, undefined);
  } catch {
    // Then nothing is known of it.
  }
}

/**
 * What `work` comes to within so many milliseconds; past them `late`, or PV9100 thrown. The work goes on, since nobody can stop a statement: what it
 * still does is recorded as ever.
 */
async function inTime<T>(work: Promise<T>, ms: number, ...late: [T?]): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const end = new Promise<T>((resolve, reject) => {
    timer = setTimeout(() => {
      if (late.length > 0) resolve(late[0] as T);
      else reject(new VaultError('PV9100'));
    }, ms);
  });
  try {
    return await Promise.race([work, end]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}

/** The request as an operation sees it. The contract was checked, so the parts have the types it says. */
function callOf(vault: Vault, issuers: JwtIssuers, exchange: Exchange): Call {
  const { operationId } = exchange.route.operation;
  const access = (exchange.access ??= accessOfNobody(vault, exchange));
  return {
    operation: operationId,
    requestId: exchange.requestId,
    callerRequestId: exchange.callerRequestId,
    startedAt: exchange.startedAt,
    principal: exchange.principal,
    metadata: exchange.metadata,
    path: exchange.route.path as Call['path'],
    query: exchange.query,
    body: exchange.body as Call['body'],
    contentType: exchange.contentType,
    accept: firstTypeOf(exchange.req.headers.accept),
    transParam: exchange.transParam,
    verifySubject: (token) =>
      issuers.verify(token, exchange.metadata.iam.config, exchange.startedAt, 'subject-jwt'),
    header: (name) => headerOf(exchange, name),
    tenants: exchange.tenants,
    reason: exchange.reason ?? 'AppFunctionality',
    reasonDefaulted: exchange.reasonDefaulted,
    adhocReason: exchange.adhocReason,
    customAudit: exchange.customAudit,
    remoteAddress: access.remoteAddress,
    idempotency: exchange.idempotency,
    record: (facts) => access.record(facts),
    decided: (decision) => access.decided(decision),
    get recordedAt() {
      return access.recordedAt;
    },
    fail: (error) => access.fail(error),
  };
}

function headerOf({ req, route }: Exchange, name: string): string | null {
  if (!(name in route.operation.parameters.header.properties)) return null;
  const value = req.headers[name];
  return (Array.isArray(value) ? value.join(',') : value) || null;
}

/** A public operation called without a key: its access takes no records. */
function accessOfNobody(vault: Vault, { route, requestId, callerRequestId }: Exchange): Access {
  const { operationId: operation } = route.operation;
  const occasion = { operation, requestId, callerRequestId, remoteAddress: null };
  return new Access(vault.log, occasion, { principal: NOBODY, iamVersion: 0 });
}

function firstTypeOf(accept: string | undefined): string | null {
  return accept?.split(/[,;]/, 1)[0]!.trim().toLowerCase() || null;
}
