import type { RequestHandler } from 'express';
import { Access, NOBODY } from '../../operations/access.js';
import type { Call } from '../../operations/call.js';
import type { Operation } from '../../operations/operation.js';
import { perform } from '../../operations/perform.js';
import type { Vault } from '../../operations/vault.js';
import { sendAnswer } from '../answers.js';
import { Exchange, type Guard } from '../exchange.js';
import type { Operations } from '../options.js';

/**
 * Runs the guards one after the other and then the operation. Whatever fails once the caller is known is recorded before the error goes
 * on to be answered.
 */
export function runOperation(guards: readonly Guard[], operations: Operations, vault: Vault): RequestHandler {
  return async (_req, res) => {
    const exchange = Exchange.of(res);
    try {
      for (const guard of guards) {
        // Most guards are plain functions; awaiting them would cost a turn of the event loop each.
        const pending = guard(exchange);
        if (pending) await pending;
      }
      const call = callOf(vault, exchange);
      const operation = operations[call.operation] as Operation | undefined;
      const sending = sendAnswer(res, await perform(operation, call, vault));
      if (sending) await sending;
    } catch (error) {
      throw exchange.access ? await exchange.access.fail(error) : error;
    }
  };
}

/** The request as an operation sees it. The contract was checked, so the parts have the types it says. */
function callOf(vault: Vault, exchange: Exchange): Call {
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

/** A public operation called without a key: its access takes no records. */
function accessOfNobody(vault: Vault, { route, requestId, callerRequestId }: Exchange): Access {
  const { operationId: operation } = route.operation;
  const occasion = { operation, requestId, callerRequestId, remoteAddress: null };
  return new Access(vault.log, occasion, { principal: NOBODY, iamVersion: 0 });
}

function firstTypeOf(accept: string | undefined): string | null {
  return accept?.split(/[,;]/, 1)[0]!.trim().toLowerCase() || null;
}
