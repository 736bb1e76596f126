import { textType } from './text-type.js';

/** Any short text, in Unicode NFC. */
export const stringType = textType({
  name: 'STRING',
  description: 'Text up to the maximum string length, in Unicode NFC.',
  indexable: true,
  substringIndexable: true,
});
