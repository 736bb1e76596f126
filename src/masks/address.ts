import { starWordsCut } from './stars.js';
import { textMask } from './text-mask.js';

/** The API's example shows 29 characters before its dots. */
const CHARACTERS_SHOWN = 29;

/** `350 5th Avenue, New York` -> `*** *** ******* *** ****`: words starred, cut with dots after 29 characters. */
export const addressMask = textMask({
  types: ['ADDRESS'],
  description: 'Every word starred, a long address cut.',
  star: (text) => starWordsCut(text, CHARACTERS_SHOWN),
});
