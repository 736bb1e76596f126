import { VaultError } from '../../errors.js';
import { AUDIT_CAPABILITIES, hasCapability } from '../../policy/capabilities.js';
import type { IamUser } from '../../policy/iam-config.js';
import { ADMIN_USER } from '../../store/metadata.js';
import type { Call } from '../call.js';

/** A user of the IAM configuration. Throws PV9012. */
export function userNamed(call: Call, name: string): IamUser {
  const user = call.metadata.iam.config.users.get(name);
  if (!user) throw new VaultError('PV9012');
  return user;
}

/**
 * A user whose key the caller may change: not the Admin (PV9024), and an auditor's only by the Admin (PV1007), since whoever makes a key
 * holds it.
 */
export function userToChange(call: Call, name: string): IamUser {
  if (name === ADMIN_USER) throw new VaultError('PV9024');
  const user = userNamed(call, name);
  const held = call.metadata.iam.compiled.roles.get(user.role)?.capabilities;
  if (held && hasCapability(held, AUDIT_CAPABILITIES) && call.principal.caller.kind !== 'admin') {
    throw new VaultError('PV1007', { username: call.principal.user });
  }
  return user;
}
