import type { DataType } from './data-type.js';

/** True or false. Two values exist, so no blind index is built. */
export const booleanType: DataType = {
  name: 'BOOLEAN',
  description: 'True or false.',
  indexable: true,
  substringIndexable: false,
  lowEntropy: true,
  normalise(value) {
    return typeof value === 'boolean' ? { ok: true, value } : { ok: false, reason: 'must be true or false' };
  },
};
