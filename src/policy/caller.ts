import type { CompiledIam, CompiledRole } from './compile.js';
import { OPERATIONS, type Operation } from './operations.js';
import type { AccessReason } from './reasons.js';
import type { Resource } from './resources.js';

/** Who asks. The Admin has no policies and no masks; whether it may see data is a setting. */
export type Caller =
  | { readonly kind: 'admin'; readonly mayReadData: boolean }
  | { readonly kind: 'role'; readonly role: string };

/** Yes or no to one touch, and what settled it, for the access log. */
export interface Ruling {
  readonly allowed: boolean;
  readonly rule: string;
}

/** What the IAM config holds for one caller. */
export interface Standing {
  ruleOn(operation: Operation, reason: AccessReason, resource: Resource): Ruling;
  /** The transformation through which this caller sees the property; undefined: as it is. */
  maskOn(collection: string, property: string): string | undefined;
}

/** The standing of a caller; a role the config does not know is refused everything. */
export function standingOf(iam: CompiledIam, caller: Caller): Standing {
  if (caller.kind === 'admin') return adminStanding(caller.mayReadData);
  const role = iam.roles.get(caller.role);
  return role === undefined ? NO_STANDING : roleStanding(role);
}

const NO_STANDING: Standing = {
  ruleOn: () => ({ allowed: false, rule: 'unknown-role' }),
  maskOn: () => undefined,
};

function adminStanding(mayReadData: boolean): Standing {
  return {
    ruleOn: (operation, _reason, resource) => {
      // An action's description is no personal data.
      const readsData = OPERATIONS[operation].readsData && resource.kind !== 'action';
      return mayReadData || !readsData
        ? { allowed: true, rule: 'admin' }
        : { allowed: false, rule: 'admin-may-not-read' };
    },
    maskOn: () => undefined,
  };
}

function roleStanding(role: CompiledRole): Standing {
  return {
    ruleOn: (operation, reason, resource) => {
      const vote = role.vote(operation, reason, resource);
      return vote.verdict === 'none'
        ? { allowed: false, rule: 'no-policy' }
        : { allowed: vote.verdict === 'allow', rule: `${vote.verdict}:${vote.policy}` };
    },
    maskOn: (collection, property) => role.masks.get(collection)?.get(property),
  };
}
