import type { Operation } from '../operation.js';
import { presentLogKeys } from './present-log-keys.js';

export const rotateLogKey: Operation<'rotateLogKey'> = {
  id: 'rotateLogKey',

  async run(call, vault) {
    await call.record({ outcome: 'allowed' });
    // The log as it is now is signed by the old key alone; the next checkpoint is the one that both sign.
    await vault.checkpoints.latest();
    return presentLogKeys(await vault.checkpoints.rotateKey(), vault);
  },
};
