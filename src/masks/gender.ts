import { textMask } from './text-mask.js';

/** Always ten stars: of so few values, the length alone would give one away. */
export const genderMask = textMask({
  types: ['GENDER'],
  description: 'A constant, whatever the value.',
  star: () => '**********',
});
