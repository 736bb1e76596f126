import type { DataType } from './data-type.js';

/**
 * A whole number. The API says int64, but JavaScript's JSON parser rounds beyond 2^53 - 1 before anyone can see
 * the digits: such a number is refused, because a vault that gives back another number than it took is worse.
 */
export const integerType: DataType = {
  name: 'INTEGER',
  description: 'A whole number between -(2^53 - 1) and 2^53 - 1.',
  indexable: true,
  substringIndexable: false,
  normalise(value) {
    if (typeof value !== 'number' || !Number.isInteger(value))
      return { ok: false, reason: 'must be a whole number' };
    if (!Number.isSafeInteger(value))
      return { ok: false, reason: 'must lie within 2^53 - 1 to be kept exactly; use a STRING beyond' };
    return { ok: true, value: value === 0 ? 0 : value };
  },
};
