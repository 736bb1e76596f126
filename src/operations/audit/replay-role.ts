import type { Entry } from '../../access-log/entry.js';
import type { IamConfig } from '../../policy/iam-config.js';
import type { IdpConfig } from '../../policy/idp-config.js';
import { ADMIN_USER } from '../../store/metadata.js';

/** The role that a caller would act under, or why it would have none. */
export type ReplayedRole =
  { readonly known: true; readonly name: string } | { readonly known: false; readonly rule: string };

/** An API key's public id. */
const KEY_ID = /^[0-9A-Za-z]{12}$/;

/**
 * The role that the caller of an entry would act under. An API key has the role that the configuration gives to its user; a JWT, a delegation and an action
 * keep the recorded one, where the configuration still gives it to them: what a token claims is not in the entry. Pure.
 */
export function replayedRole(entry: Entry, config: IamConfig): ReplayedRole {
  const own = ownRole(entry, config);
  if (!own.known) return own;
  if (entry.action !== undefined) return defined(entry.role, config);
  return entry.delegation ? delegatedRole(entry, entry.delegation, own.name, config) : own;
}

function ownRole(entry: Entry, config: IamConfig): ReplayedRole {
  const { user, key_id, issuer, delegation, action } = entry;
  // An action's entry does not say which role the caller itself had.
  const recorded = action === undefined ? (delegation?.trusted_role ?? entry.role) : null;
  if (issuer !== undefined) return roleOfJwt(user, issuer, recorded, config);
  if (user === ADMIN_USER || !KEY_ID.test(key_id ?? '')) return defined(recorded ?? entry.role, config);

  const proposed = config.users.get(user);
  if (!proposed) return { known: false, rule: 'unknown-user' };
  if (proposed.disabled) return { known: false, rule: 'disabled-user' };
  return usedDirectly(proposed.role, config);
}

/** `recorded` is null where the entry does not say it. */
function roleOfJwt(user: string, issuer: string, recorded: string | null, config: IamConfig): ReplayedRole {
  // No idp has a colon in its name; a subject may.
  const idp = config.idps.get(user.slice(0, user.indexOf(':')));
  if (idp?.conf.iss !== issuer) return { known: false, rule: 'unknown-idp' };
  if (idp.disabled) return { known: false, rule: 'disabled-idp' };
  if (recorded === null) return { known: true, name: '' };
  return mayGive(idp, recorded) ? usedDirectly(recorded, config) : { known: false, rule: 'role-not-of-idp' };
}

function delegatedRole(
  { role }: Entry,
  { issuer }: NonNullable<Entry['delegation']>,
  own: string,
  config: IamConfig,
): ReplayedRole {
  // The entry names the issuer of the delegation and not the idp: any that speaks for it will do.
  const given = [...config.idps.values()].some(
    (idp) => idp.conf.iss === issuer && !idp.disabled && mayGive(idp, role),
  );
  if (!given) return { known: false, rule: 'role-not-of-idp' };
  const trusted = config.roles.get(role)?.trustedRoles?.includes(own) ?? false;
  return trusted ? { known: true, name: role } : { known: false, rule: 'no-trusted-role' };
}

function mayGive({ allowedRoles, rolesMap }: IdpConfig, role: string): boolean {
  const isMapped = !rolesMap || [...rolesMap.values()].includes(role);
  return isMapped && (!allowedRoles || allowedRoles.includes(role));
}

function usedDirectly(name: string, config: IamConfig): ReplayedRole {
  if (config.roles.get(name)?.trustedRoles) return { known: false, rule: 'role-by-delegation-only' };
  return defined(name, config);
}

function defined(name: string, { roles }: IamConfig): ReplayedRole {
  return roles.has(name) ? { known: true, name } : { known: false, rule: 'unknown-role' };
}
