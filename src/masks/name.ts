import { starAllButFirst } from './stars.js';
import { textMask } from './text-mask.js';

/** `John Doe` -> `J*** D**`: the first character of each word; a word of one character is a star. */
export const nameMask = textMask({
  types: ['NAME', 'CC_HOLDER_NAME'],
  description: 'The first letter of each word, the rest starred.',
  star: (text) => text.split(/\s/).map(starAllButFirst).join(' '),
});
