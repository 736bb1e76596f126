import type { Operation } from '../operation.js';

export const controlHealth: Operation<'controlHealth'> = {
  id: 'controlHealth',

  async run() {
    return { status: 'pass' };
  },
};
