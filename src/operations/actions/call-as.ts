import type { OperationId } from '../../generated/contract.js';
import { Access } from '../access.js';
import type { Call, Principal } from '../call.js';
import type { Vault } from '../vault.js';

/**
 * A call that an action makes in the course of another: the same request, time, reason and tenants, another operation and role. Its entries name
 * the caller, the action's role and the request that it belongs to.
 */
export function callAs<Id extends OperationId>(
  outer: Call,
  vault: Vault,
  principal: Principal,
  inner: Pick<Call<Id>, 'operation' | 'path' | 'query' | 'body'>,
): Call<Id> {
  const { requestId, callerRequestId, remoteAddress, reason, reasonDefaulted, adhocReason, customAudit } =
    outer;
  const occasion = { operation: inner.operation, requestId, callerRequestId, remoteAddress };
  const access = new Access(vault.log, occasion, {
    principal,
    iamVersion: outer.metadata.iam.version,
    ...(outer.tenants.length > 0 && { tenants: outer.tenants }),
    reason,
    reasonDefaulted,
    texts: {
      ...(adhocReason !== null && { adhoc_reason: adhocReason }),
      ...(customAudit !== null && { custom_audit: customAudit }),
    },
  });
  return {
    ...outer,
    ...inner,
    principal,
    contentType: null,
    accept: null,
    idempotency: null,
    record: (facts) => access.record(facts),
    decided: (decision) => access.decided(decision),
    get recordedAt() {
      return access.recordedAt;
    },
    fail: (error) => access.fail(error),
  };
}
