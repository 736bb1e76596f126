import { VaultError } from '../../errors.js';
import { deleteStoredAction } from '../../store/actions.js';
import type { Operation } from '../operation.js';
import { HTTP_CALL, actionNamed } from './action-named.js';

export const deleteAction: Operation<'deleteAction'> = {
  id: 'deleteAction',

  async run(call, vault) {
    if (call.path.action === HTTP_CALL) {
      throw new VaultError('PV9006', { field: 'action', reason: 'built in' });
    }
    const { name } = actionNamed(call.metadata, call.path.action);
    await call.record({ outcome: 'allowed' });
    const deleted = await deleteStoredAction(vault.database, name);
    vault.metadata.invalidate();
    if (!deleted) throw new VaultError('PV9055');
  },
};
