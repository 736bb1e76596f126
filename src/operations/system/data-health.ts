import { readGeneration } from '../../store/metadata.js';
import type { Operation } from '../operation.js';

export const dataHealth: Operation<'dataHealth'> = {
  id: 'dataHealth',

  async run(_call, vault) {
    // Data can be served only while the database answers and who may get in is beyond doubt; otherwise this throws a 503.
    await readGeneration(vault.database);
    await vault.metadata.get();
    return { status: 'pass' };
  },
};
