import { textType } from './text-type.js';

/** A person's name or a part of one, as free text: no rule about names survives the world's names. */
export const nameType = textType({
  name: 'NAME',
  description: 'The name of a person, in Unicode NFC.',
  indexable: true,
  substringIndexable: true,
});
