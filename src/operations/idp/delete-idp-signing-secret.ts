import { VaultError } from '../../errors.js';
import { deleteSigningSecret } from '../../store/idp-signing-secrets.js';
import type { Operation } from '../operation.js';

export const deleteIdpSigningSecret: Operation<'deleteIdpSigningSecret'> = {
  id: 'deleteIdpSigningSecret',

  async run(call, vault) {
    await call.record({ outcome: 'allowed' });
    if (!(await deleteSigningSecret(vault.database, call.path.hook, call.path.user)))
      throw new VaultError('PV9115');
  },
};
