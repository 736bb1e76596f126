import type { DataType } from './data-type.js';

/** An IEEE 754 double. Negative zero becomes zero: JSON text cannot tell them apart, an index would. */
export const doubleType: DataType = {
  name: 'DOUBLE',
  description: 'A number in double precision.',
  indexable: true,
  substringIndexable: false,
  normalise(value) {
    if (typeof value !== 'number' || !Number.isFinite(value))
      return { ok: false, reason: 'must be a finite number' };
    return { ok: true, value: value === 0 ? 0 : value };
  },
};
