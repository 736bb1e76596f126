import type { Found } from '../../idp/login.js';
import type { FoundSubject } from '../../store/find-idp-subjects.js';

/** How things stand with somebody, by what was found. */
export function stateOf({ row, object, active }: FoundSubject): Found['state'] {
  if (row?.erasedAt) return 'erased';
  if (object) return active ? 'linked' : 'archived';
  if (row?.isFresh) return 'new';
  // Whoever deleted the object of somebody who is known meant it: it is not made again behind their back.
  return row ? 'gone' : 'new';
}
