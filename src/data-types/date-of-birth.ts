import type { DataType } from './data-type.js';
import { dateType } from './date.js';

/** A DATE by the same rules; a type of its own because only a date of birth has an age. */
export const dateOfBirthType: DataType = {
  ...dateType,
  name: 'DATE_OF_BIRTH',
  description: 'A date of birth as YYYY-MM-DD.',
};
