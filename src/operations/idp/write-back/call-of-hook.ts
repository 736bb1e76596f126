import { randomUUID } from 'node:crypto';
import { VaultError } from '../../../errors.js';
import { couldBeGranted } from '../../../policy/could-be-granted.js';
import type { Metadata } from '../../../store/metadata.js';
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
  const { compiled, config, version } = metadata.iam;
  const roles = [
    ...hook.users.map((user) => config.users.get(user)?.role ?? ''),
    ...(config.idps.get(hook.idp ?? '')?.allowedRoles ?? []),
  ];
  const role = roles.find((each) =>
    couldBeGranted(compiled, { kind: 'role', role: each }, 'write', hook.collection),
  );
  if (role === undefined) throw new VaultError('PV1006', { username: USER });

  const occasion = {
    ...{ operation: 'receiveIdpEvent' as const, requestId: randomUUID() },
    ...{ callerRequestId: null, remoteAddress: null },
  };
  const principal = {
    ...{ user: USER, role, keyId: null, caller: { kind: 'role', role } as const },
    capabilities: compiled.roles.get(role)!.capabilities,
  };
  const reason = 'AppFunctionality';
  const access = new Access(vault.log, occasion, { principal, iamVersion: version, reason });
  return {
    ...occasion,
    ...{ principal, metadata, reason, startedAt: new Date() },
    ...{ path: { provider: hook.provider, event: 'write-back' }, query: {}, body: {} },
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
