import { AUDIT_CAPABILITIES, type Capability, expandCapabilities } from './capabilities.js';
import type { IamConfig } from './iam-config.js';
import { writeIdp } from './idp-config.js';

/**
 * Whether replacing `before` by `after` opens the access log to anyone it was closed to: by granting
 * one of its capabilities to a role, by giving such a role to a user, an idp or a delegating role, or by changing one that
 * has it. Only the Admin may save such a config; a writer of IAM could otherwise appoint itself auditor.
 */
export function addsAuditReader(before: IamConfig, after: IamConfig): boolean {
  const known = new Set(auditGrants(before));
  return auditGrants(after).some((grant) => !known.has(grant));
}

/** Everything in a config that leads to the access log, each way in one comparable line. */
function auditGrants(config: IamConfig): readonly string[] {
  return AUDIT_CAPABILITIES.flatMap((capability) => grantsOf(config, capability));
}

function grantsOf(config: IamConfig, capability: Capability): readonly string[] {
  const auditors = rolesWith(config, capability);
  if (auditors.size === 0) return [];

  const roles = [...config.roles]
    .filter(([name]) => auditors.has(name))
    .map(([name, role]) => JSON.stringify([capability, 'role', name, role.trustedRoles ?? null]));
  const users = [...config.users]
    .filter(([, user]) => auditors.has(user.role))
    .map(([name, user]) => JSON.stringify([capability, 'user', name, user]));
  const idps = [...config.idps]
    .filter(([, idp]) => idp.allowedRoles?.some((role) => auditors.has(role)) ?? true)
    .map(([name, idp]) => JSON.stringify([capability, 'idp', name, writeIdp(idp)]));
  return [...roles, ...users, ...idps];
}

/** The roles that hold the capability and those that may stand in for one of them by delegation. */
function rolesWith(config: IamConfig, capability: Capability): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [name, role] of config.roles)
    if (expandCapabilities(role.capabilities).has(capability)) found.add(name);
  // A set is walked in the order of insertion, so roles added on the way are visited too.
  for (const name of found)
    for (const trusted of config.roles.get(name)?.trustedRoles ?? []) found.add(trusted);
  return found;
}

/** The roles that hold any capability of the access log, and those that may stand in for one of them by delegation. */
export function rolesWithAudit(config: IamConfig): ReadonlySet<string> {
  return new Set(AUDIT_CAPABILITIES.flatMap((capability) => [...rolesWith(config, capability)]));
}
