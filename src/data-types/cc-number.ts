import type { DataType } from './data-type.js';
import { passesLuhn } from './luhn.js';

const PATTERN = /^\d(?:[ -]?\d){12,18}$/;

/**
 * A payment card number (ISO/IEC 7812). In: 13 to 19 digits, single spaces or dashes between them; out: digits only.
 * The check digit counts unless `features.disable_cc_luhn_validation` is set.
 */
export const ccNumberType: DataType = {
  name: 'CC_NUMBER',
  description: 'A payment card number of 13 to 19 digits; spaces and dashes are removed.',
  indexable: true,
  substringIndexable: false,
  normalise(value, limits) {
    if (typeof value !== 'string' || !PATTERN.test(value))
      return { ok: false, reason: 'must be a payment card number of 13 to 19 digits' };
    const digits = value.replace(/[ -]/g, '');
    if (limits.checkLuhn && !passesLuhn(digits))
      return { ok: false, reason: 'must be a payment card number with the right check digit' };
    return { ok: true, value: digits };
  },
};
