import { textMask } from './text-mask.js';

/**
 * The three-digit areas of 20,000 people or fewer by the census of 2000, which HIPAA's safe harbor wants replaced by
 * 000 (45 CFR 164.514(b)(2)(i)(B), HHS guidance on de-identification, 2012).
 */
const SPARSE_AREAS: ReadonlySet<string> = new Set(
  '036 059 063 102 203 556 692 790 821 823 830 831 878 879 884 890 893'.split(' '),
);

/** `12345-6789` -> `123**`: the area only, and `000**` where few people live in it. */
export const zipCodeUsMask = textMask({
  types: ['ZIP_CODE_US'],
  description: 'The first three digits, 000 for a sparsely populated area.',
  star(text) {
    const area = /^(\d{3})\d{2}/.exec(text)?.[1];
    if (area === undefined) return '*****';
    return SPARSE_AREAS.has(area) ? '000**' : `${area}**`;
  },
});
