import { starAllButLast } from './stars.js';
import { textMask } from './text-mask.js';

/** `4580458045809573` -> `************9573`: the last four digits, which PCI DSS 3.4.1 allows to show. */
export const ccNumberMask = textMask({
  types: ['CC_NUMBER'],
  description: 'The last four digits, the rest starred.',
  star: (text) => starAllButLast(text, 4),
});
