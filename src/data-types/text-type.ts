import type { DataType } from './data-type.js';
import { isWellFormedText } from './well-formed.js';

/** What one free-text type says about itself; see `DataType`. */
export type TextType = Omit<DataType, 'normalise'>;

/**
 * A data type for free text: any well-formed string up to `maxStringLength`, in Unicode NFC.
 *
 * The length that counts is the normal form's: it is what is stored, and composing may shorten a text as well as
 * lengthen it.
 */
export function textType(type: TextType): DataType {
  return {
    ...type,
    normalise(value, limits) {
      if (!isWellFormedText(value))
        return { ok: false, reason: 'must be a string of well-formed Unicode without U+0000' };
      const text = value.normalize('NFC');
      if (text.length > limits.maxStringLength)
        return { ok: false, reason: 'must not be longer than db.max_string_length' };
      return { ok: true, value: text };
    },
  };
}
