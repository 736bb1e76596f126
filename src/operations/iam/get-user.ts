import { VaultError } from '../../errors.js';
import { presentTime } from '../../collections/present.js';
import { ADMIN_USER } from '../../store/metadata.js';
import type { Operation } from '../operation.js';
import { userNamed } from './user-named.js';

export const getUser: Operation<'getUser'> = {
  id: 'getUser',

  async run(call) {
    const name = call.path.user;
    if (name !== ADMIN_USER) userNamed(call, name);
    await call.record({ outcome: 'allowed' });

    const key = call.metadata.keysByUser.get(name);
    if (name === ADMIN_USER && !key) throw new VaultError('PV9012');
    return { name, api_key: { expiry: key?.expiresAt ? presentTime(key.expiresAt) : '' } };
  },
};
