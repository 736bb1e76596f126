import { VaultError } from '../../errors.js';
import { decideAction } from '../../policy/decide-action.js';
import type { Call } from '../call.js';

/** What an action is called in policies, and in the access log. */
export function resourceOf(action: string): string {
  return `actions/${action}`;
}

/** Decides whether the caller may invoke an action and records it either way. Throws PV1006. */
export async function permitAction(call: Call, action: string): Promise<void> {
  const { metadata, principal, reason } = call;
  const { allowed, rule } = decideAction(metadata.iam.compiled, principal.caller, reason, 'invoke', action);
  await call.record({
    asked: [[resourceOf(action), null]],
    outcome: allowed ? 'allowed' : 'denied',
    rule,
  });
  if (!allowed) throw new VaultError('PV1006', { username: principal.user });
}
