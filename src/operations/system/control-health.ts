import type { Operation } from '../operation.js';

export const controlHealth: Operation<'controlHealth'> = {
  id: 'controlHealth',

  async run(_call, vault) {
    // Known without asking the database: a vault whose database is away is alive all the same.
    if (vault.metadata.problem) throw vault.metadata.problem;
    return { status: 'pass' };
  },
};
