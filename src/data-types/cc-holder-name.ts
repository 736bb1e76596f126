import { textType } from './text-type.js';

/** The name on a payment card, as free text. */
export const ccHolderNameType = textType({
  name: 'CC_HOLDER_NAME',
  description: "The name of a payment card's holder, in Unicode NFC.",
  indexable: true,
  substringIndexable: true,
});
