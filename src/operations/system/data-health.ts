import { readGeneration } from '../../store/metadata.js';
import type { Operation } from '../operation.js';

export const dataHealth: Operation<'dataHealth'> = {
  id: 'dataHealth',

  async run(_call, vault) {
    // Data can be served only while the database answers; where it does not, this throws a 503.
    await readGeneration(vault.database);
    return { status: 'pass' };
  },
};
