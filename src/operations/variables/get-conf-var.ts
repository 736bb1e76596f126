import type { Operation } from '../operation.js';
import { variableNamed } from './runtime-variables.js';

export const getConfVar: Operation<'getConfVar'> = {
  id: 'getConfVar',

  async run(call, vault) {
    const name = variableNamed(call.path.name);
    await call.record({ outcome: 'allowed' });
    await vault.variables.refresh();
    return { name, value: vault.variables.values[name], default_value: vault.variables.defaults[name] };
  },
};
