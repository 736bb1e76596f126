import { ADMIN_CAPABILITIES } from '../../policy/capabilities.js';
import type { Call, Principal } from '../call.js';
import type { Vault } from '../vault.js';

/** The name of the Admin's role, by which existing clients give it to an action. */
export const ADMIN_ROLE = 'VaultAdminRole';

/** The caller of a request in the role of an action, who is still named. A role that is not defined, or no longer, may do nothing. */
export function actingAs(call: Call, vault: Vault, action: string, role: string): Principal {
  const { user, keyId, jwt, delegation } = call.principal;
  const who = { user, keyId, role, action, ...(jwt && { jwt }), ...(delegation && { delegation }) };
  if (role === ADMIN_ROLE) {
    const { adminMayReadData } = vault.settings;
    const caller = { kind: 'admin', mayReadData: adminMayReadData } as const;
    return { ...who, caller, capabilities: ADMIN_CAPABILITIES };
  }
  const capabilities = call.metadata.iam.compiled.roles.get(role)?.capabilities ?? new Set();
  return { ...who, caller: { kind: 'role', role }, capabilities };
}
