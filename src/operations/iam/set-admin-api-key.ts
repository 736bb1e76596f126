import { VaultError } from '../../errors.js';
import { replaceApiKey } from '../../store/iam.js';
import { ADMIN_USER } from '../../store/metadata.js';
import type { Operation } from '../operation.js';
import { weaknessOfAdminKey } from './admin-key-strength.js';

export const setAdminApiKey: Operation<'setAdminApiKey'> = {
  id: 'setAdminApiKey',

  async run(call, vault) {
    const reason = weaknessOfAdminKey(call.body.key);
    if (reason) throw new VaultError('PV9023', { field: 'key', reason });

    const { lookup } = vault.keyring;
    await call.record({ outcome: 'allowed' });
    await replaceApiKey(
      vault.database,
      vault.keyring,
      {
        user: ADMIN_USER,
        publicId: null,
        hash: lookup.apiKeyHash(call.body.key),
        lookupVersion: lookup.version,
        expiresAt: null,
      },
      call.startedAt,
    );
    vault.metadata.invalidate();
  },
};
