import type { DataType } from './data-type.js';

const PATTERN = /^\+?[1-9]?[0-9]{7,14}$/;

/**
 * A phone number, local or international. In: digits with dashes anywhere and an optional leading plus; out: the same
 * without dashes. No country is guessed, so a local and an international spelling stay two numbers.
 */
export const phoneNumberType: DataType = {
  name: 'PHONE_NUMBER',
  description: 'A phone number of 7 to 15 digits; dashes are removed.',
  indexable: true,
  substringIndexable: false,
  normalise(value) {
    const text = typeof value === 'string' ? value.replaceAll('-', '') : '';
    if (!PATTERN.test(text))
      return { ok: false, reason: 'must be a phone number: 7 to 15 digits, an optional leading +, dashes' };
    return { ok: true, value: text };
  },
};
