import { textType } from './text-type.js';

/** A postal address on one or several lines, as free text. */
export const addressType = textType({
  name: 'ADDRESS',
  description: 'A postal address, in Unicode NFC.',
  indexable: true,
  substringIndexable: true,
});
