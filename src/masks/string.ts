import { starWords } from './stars.js';
import { textMask } from './text-mask.js';

/** `Jane Doe` -> `**** ***`: a star per character, words stay words. */
export const stringMask = textMask({
  types: ['STRING'],
  description: 'Every character but spaces starred.',
  star: starWords,
});
