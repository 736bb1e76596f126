import { VaultError } from '../../errors.js';
import { deleteSigningSecret } from '../../store/idp-signing-secrets.js';
import type { Operation } from '../operation.js';
import { SERVICE_USER } from './passwords/service-secret.js';

export const deleteIdpPasswordSecret: Operation<'deleteIdpPasswordSecret'> = {
  id: 'deleteIdpPasswordSecret',

  async run(call, vault) {
    await call.record({ outcome: 'allowed' });
    if (!(await deleteSigningSecret(vault.database, call.path.hook, SERVICE_USER)))
      throw new VaultError('PV9118');
  },
};
