import { storeVariable } from '../../store/configuration-variables.js';
import type { Operation } from '../operation.js';
import { checkVariable, variableNamed } from './runtime-variables.js';

export const setConfVar: Operation<'setConfVar'> = {
  id: 'setConfVar',

  async run(call, vault) {
    const name = variableNamed(call.path.name);
    checkVariable(name, call.body.value);

    await call.record({ outcome: 'allowed', rule: `${name}=${call.body.value}` });
    await storeVariable(vault.database, name, call.body.value);
    await vault.variables.refresh();
  },
};
