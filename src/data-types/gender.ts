import { textType } from './text-type.js';

/** A gender as free text. Few values exist, so no blind index is built. */
export const genderType = textType({
  name: 'GENDER',
  description: 'The gender of a person, in Unicode NFC.',
  indexable: true,
  substringIndexable: true,
  lowEntropy: true,
});
