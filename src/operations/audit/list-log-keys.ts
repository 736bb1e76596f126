import type { Operation } from '../operation.js';
import { presentLogKeys } from './present-log-keys.js';

export const listLogKeys: Operation<'listLogKeys'> = {
  id: 'listLogKeys',

  async run(call, vault) {
    await call.record({ outcome: 'allowed' });
    return presentLogKeys(await vault.checkpoints.keys(), vault);
  },
};
