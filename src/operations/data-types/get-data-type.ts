import { VaultError } from '../../errors.js';
import { dataTypeNamed } from '../../data-types/index.js';
import type { Operation } from '../operation.js';
import { presentDataType } from './present-data-type.js';

export const getDataType: Operation<'getDataType'> = {
  id: 'getDataType',

  async run(call) {
    const type = dataTypeNamed(call.path.type);
    if (!type) throw new VaultError('PV9013');
    await call.record({ outcome: 'allowed' });
    return presentDataType(type);
  },
};
