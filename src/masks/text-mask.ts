import type { BuiltinTypeName } from '../data-types/index.js';
import type { Mask } from './mask.js';

/** What one mask of a text type says about itself: `star` takes the normal form and returns what may be shown. */
export interface TextMask {
  readonly types: readonly BuiltinTypeName[];
  readonly description: string;
  readonly star: (text: string) => string;
}

/** The transformation `mask` for types whose values are strings. Anything else is hidden behind one star. */
export function textMask({ types, description, star }: TextMask): Mask {
  return {
    name: 'mask',
    types,
    description,
    apply: (value) => (typeof value === 'string' ? star(value) : '*'),
  };
}
