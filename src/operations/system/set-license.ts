import { storeLicense } from '../../store/license.js';
import type { Operation } from '../operation.js';

export const setLicense: Operation<'setLicense'> = {
  id: 'setLicense',

  async run(call, vault) {
    await call.record({ outcome: 'allowed' });
    await storeLicense(vault.database, call.body.key);
  },
};
