import { clearVariables } from '../../store/configuration-variables.js';
import type { Operation } from '../operation.js';

export const clearAllConfVars: Operation<'clearAllConfVars'> = {
  id: 'clearAllConfVars',

  async run(call, vault) {
    await call.record({ outcome: 'allowed' });
    await clearVariables(vault.database);
    await vault.variables.refresh();
  },
};
