import { standingOf, type Caller, type Ruling } from './caller.js';
import type { CompiledIam } from './compile.js';
import type { AccessReason } from './reasons.js';

/**
 * Decides whether the caller may see or invoke an action, named in policies as `actions/<action>`. What the action
 * then touches is decided for the action's own role, not here. Refusals are PV1006. Pure. Source: api.md 1.8, 5.3.
 */
export function decideAction(
  iam: CompiledIam,
  caller: Caller,
  reason: AccessReason,
  operation: 'read' | 'invoke',
  action: string,
): Ruling {
  return standingOf(iam, caller).ruleOn(operation, reason, { kind: 'action', action });
}
