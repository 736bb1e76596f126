import type { Holdings } from '../../idp/plan-login.js';
import type { SubjectRow } from '../../store/find-idp-subjects.js';
import type { KnownCollection } from '../collection-named.js';
import { type OpenObject, openFieldText } from '../objects/open-object.js';

/** What the vault has of somebody, by the names of properties. */
export function holdingsOf(
  { own }: KnownCollection,
  object: OpenObject | null,
  row: SubjectRow | null,
): Holdings {
  return {
    text: (property) => (object ? openFieldText(object, own.get(property)!.id) : null),
    provenance: (property) => {
      const known = row?.provenance[own.get(property)!.id];
      return known && { connection: known[0], at: known[1], verified: known[2] };
    },
  };
}
