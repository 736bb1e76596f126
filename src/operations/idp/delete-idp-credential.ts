import { VaultError } from '../../errors.js';
import { deleteCredential } from '../../store/idp-credentials.js';
import type { Operation } from '../operation.js';

export const deleteIdpCredential: Operation<'deleteIdpCredential'> = {
  id: 'deleteIdpCredential',

  async run(call, vault) {
    await call.record({ outcome: 'allowed' });
    if (!(await deleteCredential(vault.database, call.path.hook))) throw new VaultError('PV9112');
  },
};
