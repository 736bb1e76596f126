import { presentTime } from '../../collections/present.js';
import { newApiKey } from '../../crypto/index.js';
import { replaceApiKey } from '../../store/iam.js';
import type { Operation } from '../operation.js';
import { userToChange } from './user-named.js';

const KEY_LIFE_MS = 365 * 24 * 3600 * 1000;

export const regenerateUserApiKey: Operation<'regenerateUserApiKey'> = {
  id: 'regenerateUserApiKey',

  async run(call, vault) {
    const user = call.body.name;
    userToChange(call, user);
    const { key, publicId } = newApiKey();
    const { lookup } = vault.keyring;
    const expiresAt = new Date(call.startedAt.getTime() + KEY_LIFE_MS);

    await call.record({ outcome: 'allowed', rule: `user:${user}` });
    const stored = { user, publicId, hash: lookup.apiKeyHash(key), lookupVersion: lookup.version, expiresAt };
    await replaceApiKey(vault.database, vault.keyring, stored, call.startedAt);
    vault.metadata.invalidate();
    return { api_key: key, api_key_expiry: presentTime(expiresAt) };
  },
};
