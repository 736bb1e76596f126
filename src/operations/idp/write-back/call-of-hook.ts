import { randomUUID } from 'node:crypto';
import { VaultError } from '../../../errors.js';
import { type Capability, hasCapability } from '../../../policy/capabilities.js';
import { couldBeGranted } from '../../../policy/could-be-granted.js';
import type { AccessReason } from '../../../policy/reasons.js';
import type { Metadata } from '../../../store/metadata.js';
import type { RestoreOrder } from '../../../store/write-back-queue.js';
import { Access } from '../../access.js';
import type { Call } from '../../call.js';
import type { Vault } from '../../vault.js';
import type { WritingHook } from './credential.js';

const USER = 'idp-write-back';

/**
 * What the vault does by itself for a hook, within what one of the hook's users, or of the provider that signs its calls, may: the first whose role may store anything. Throws PV1006 where there is none any
 * more.
 */
export function callOfHook(vault: Vault, metadata: Metadata, { hook }: WritingHook): Call<'receiveIdpEvent'> {
  const { compiled, config } = metadata.iam;
  const roles = [
    ...hook.users.map((user) => config.users.get(user)?.role ?? ''),
    ...(config.idps.get(hook.idp ?? '')?.allowedRoles ?? []),
  ];
  const role = roles.find((each) =>
    couldBeGranted(compiled, { kind: 'role', role: each }, 'write', hook.collection),
  );
  const path = { provider: hook.provider, event: 'write-back' };
  return callAs(vault, metadata, { operation: 'receiveIdpEvent', role, path });
}

/** What the vault puts back for somebody who asked for it, as their role. Whether that role still may, {@link mayRestore} says. */
export function callOfRestore(
  vault: Vault,
  metadata: Metadata,
  { hook }: WritingHook,
  { role, reason, requestId }: RestoreOrder,
): Call<'restoreIdpUsers'> {
  return callAs(vault, metadata, {
    ...{ operation: 'restoreIdpUsers', role, path: { provider: hook.provider } },
    ...{ reason: reason as AccessReason, callerRequestId: requestId },
  });
}

/** Whether a role that values were to be put back for still is one of a user of the hook's who is not disabled, and may still have that done. */
export function mayRestore({ iam }: Metadata, { hook }: WritingHook, { role }: RestoreOrder): boolean {
  const held = iam.compiled.roles.get(role)?.capabilities ?? new Set();
  return (
    hook.users.some((name) => {
      const user = iam.config.users.get(name);
      return user?.role === role && !user.disabled;
    }) && hasCapability(held, ['CapIdpRestore'])
  );
}

interface Occasion<Id extends 'receiveIdpEvent' | 'restoreIdpUsers'> {
  readonly operation: Id;
  /** Undefined: nobody may any more. */
  readonly role: string | undefined;
  readonly path: Call<Id>['path'];
  readonly reason?: AccessReason;
  readonly callerRequestId?: string;
}

function callAs<Id extends 'receiveIdpEvent' | 'restoreIdpUsers'>(
  vault: Vault,
  { iam, ...metadata }: Metadata,
  { operation, role, path, reason = 'AppFunctionality', callerRequestId = '' }: Occasion<Id>,
): Call<Id> {
  if (role === undefined) throw new VaultError('PV1006', { username: USER });
  const occasion = {
    ...{ operation, requestId: randomUUID(), remoteAddress: null },
    callerRequestId: callerRequestId === '' ? null : callerRequestId,
  };
  const principal = {
    ...{ user: USER, role, keyId: null, caller: { kind: 'role', role } as const },
    capabilities: iam.compiled.roles.get(role)?.capabilities ?? new Set<Capability>(),
  };
  const access = new Access(vault.log, occasion, { principal, iamVersion: iam.version, reason });
  return {
    ...occasion,
    ...{ principal, metadata: { iam, ...metadata }, reason, startedAt: new Date() },
    ...{ path, query: {}, body: {} as Call<Id>['body'] },
    ...{ contentType: null, accept: null, transParam: null, tenants: [], reasonDefaulted: false },
    ...{ adhocReason: null, customAudit: null, idempotency: null },
    // Nobody called: there are no headers, and no token of anybody's.
    header: () => null,
    verifySubject: async () => Promise.reject(new VaultError('PV1005')),
    record: (facts) => access.record(facts),
    decided: (decision) => access.decided(decision),
    get recordedAt() {
      return access.recordedAt;
    },
    fail: (error) => access.fail(error),
  };
}
