import { textMask } from './text-mask.js';

/** Always the shape of a UUID. The API shows no example; an id of which a part is shown could be looked up. */
export const objectIdMask = textMask({
  types: ['OBJECT_ID'],
  description: 'A constant in the shape of a UUID.',
  star: () => '********-****-****-****-************',
});
