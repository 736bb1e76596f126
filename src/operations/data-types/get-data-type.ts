import type { Operation } from '../operation.js';
import { typeNamed } from './type-named.js';

export const getDataType: Operation<'getDataType'> = {
  id: 'getDataType',

  async run(call) {
    const type = typeNamed(call.metadata, call.path.type);
    await call.record({ outcome: 'allowed' });
    return type;
  },
};
