import type { Operation } from '../operation.js';

export const rotateKeys: Operation<'rotateKeys'> = {
  id: 'rotateKeys',

  async run(call, vault) {
    await call.record({ outcome: 'allowed' });
    await vault.keyring.rotate();
  },
};
