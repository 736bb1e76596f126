import { VaultError } from '../../errors.js';
import { presentTime } from '../../collections/present.js';
import { changeApiKeyExpiry } from '../../store/iam.js';
import { expirationIn } from '../expiration.js';
import type { Operation } from '../operation.js';
import { userToChange } from './user-named.js';

export const updateApiKeyExpiration: Operation<'updateApiKeyExpiration'> = {
  id: 'updateApiKeyExpiration',

  async run(call, vault) {
    const { name, expiration_secs } = call.body;
    userToChange(call, name);
    if (!call.metadata.keysByUser.has(name)) throw new VaultError('PV9012', { reason: 'has no API key' });
    const expiresAt = expirationIn(expiration_secs, call.startedAt);

    await call.record({ outcome: 'allowed', rule: `user:${name}` });
    await changeApiKeyExpiry(vault.database, vault.keyring, name, expiresAt);
    vault.metadata.invalidate();
    return { name, api_key_expiry: presentTime(expiresAt) };
  },
};
