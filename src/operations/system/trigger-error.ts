import { VaultError } from '../../errors.js';
import type { Operation } from '../operation.js';

export const triggerError: Operation<'triggerError'> = {
  id: 'triggerError',

  async run(call) {
    await call.record({ outcome: 'allowed' });
    throw new VaultError('PV1000', {}, 'triggered on purpose');
  },
};
