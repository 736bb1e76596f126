import type { DataType } from './data-type.js';
import { isWellFormedText } from './well-formed.js';

/** A US bank account number. Banks agree on no format, so any text that is not empty passes, as it is. */
export const usBankAccountNumberType: DataType = {
  name: 'US_BANK_ACCOUNT_NUMBER',
  description: 'A US bank account number, not empty.',
  indexable: true,
  substringIndexable: true,
  normalise(value, limits) {
    if (!isWellFormedText(value) || value === '')
      return { ok: false, reason: 'must be a string of well-formed Unicode without U+0000, not empty' };
    if (value.length > limits.maxStringLength)
      return { ok: false, reason: 'must not be longer than db.max_string_length' };
    return { ok: true, value };
  },
};
