import { starAll, starWordsCut } from './stars.js';
import { textMask } from './text-mask.js';

const CHARACTERS_SHOWN = 8;

/** `acme` -> `****`, a UUID -> `********...`: stars, cut after 8 so that the kind of id is not told by its length. */
export const tenantIdMask = textMask({
  types: ['TENANT_ID'],
  description: 'Starred, a long id cut.',
  star: (text) => starWordsCut(starAll(text), CHARACTERS_SHOWN),
});
