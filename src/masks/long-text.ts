import { starWordsCut } from './stars.js';
import { textMask } from './text-mask.js';

const CHARACTERS_SHOWN = 12;

/** `Lorem ipsum dolor` -> `***** ***** ...`: the first 12 characters starred, then dots, whatever the length. */
export const longTextMask = textMask({
  types: ['LONG_TEXT'],
  description: 'The first characters starred, the rest cut.',
  star: starLongText,
});

/** The rule of LONG_TEXT, which holds for texts inside JSON too. */
export function starLongText(text: string): string {
  return starWordsCut(text, CHARACTERS_SHOWN);
}
