import { checkDescription } from '../../bundles/description.js';
import { functionNamed } from '../../bundles/link.js';
import { isEntityName, isNameTaken } from '../../collections/names.js';
import { VaultError } from '../../errors.js';
import { insertAction } from '../../store/actions.js';
import { UniqueViolation } from '../../store/database-errors.js';
import type { StoredAction } from '../../store/metadata.js';
import type { Call } from '../call.js';
import { once } from '../idempotency.js';
import type { Operation } from '../operation.js';
import { ADMIN_ROLE } from './acting-role.js';
import { HTTP_CALL, actionNamed, presentAction } from './action-named.js';

export const addAction: Operation<'addAction'> = {
  id: 'addAction',

  async run(call, vault) {
    const { name } = call.body;
    const facts = { outcome: 'allowed' as const };
    await once(
      call,
      vault,
      () => facts,
      async () => {
        const action = readAction(call);
        return {
          answer: { name },
          facts,
          async create(record) {
            try {
              await insertAction(vault.database, action, record);
            } catch (error) {
              throw error instanceof UniqueViolation ? new VaultError('PV9003', { field: 'name' }) : error;
            }
            vault.metadata.invalidate();
          },
        };
      },
    );
    return presentAction(actionNamed(await vault.metadata.get(), name));
  },
};

/** Throws PV9004 naming the field, PV9003 for a name that is taken, PV9058 where no bundle exports such an action, PV1007 for the Admin's role. */
function readAction(call: Call<'addAction'>): StoredAction {
  const { name, description = '', function: reference, role } = call.body;
  const { metadata, principal, startedAt } = call;
  checkDescription(description);
  if (!isEntityName(name)) {
    throw new VaultError('PV9004', { field: 'name', reason: 'is not the name of an action' });
  }
  if (isNameTaken(name, [HTTP_CALL, ...metadata.actions.keys()])) {
    throw new VaultError('PV9003', { field: 'name' });
  }
  if (functionNamed(metadata.bundles, reference)?.prototype.type !== 'action') {
    throw new VaultError('PV9058', { field: 'function' });
  }
  // Who may add actions could otherwise read whatever the Admin may.
  if (role === ADMIN_ROLE && principal.caller.kind !== 'admin') {
    throw new VaultError('PV1007', { username: principal.user });
  }
  if (role !== ADMIN_ROLE && !metadata.iam.config.roles.has(role)) {
    throw new VaultError('PV9004', { field: 'role', reason: 'is not defined' });
  }
  return {
    name,
    description,
    function: reference,
    role,
    creationTime: startedAt,
    modificationTime: startedAt,
  };
}
