import type { Operation } from '../operation.js';
import { presentAll } from './schema-format.js';

export const listCollections: Operation<'listCollections'> = {
  id: 'listCollections',

  async run(call) {
    await call.record({ outcome: 'allowed' });
    return presentAll(call, [...call.metadata.collections.values()]);
  },
};
