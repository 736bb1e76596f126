import { type Fields, member, optionalObject } from '../event-fields.js';
import { LINK_KEY, type LoginEvent } from '../event.js';
import {
  type Place,
  type WriteBack,
  jsonRequest,
  keysUnder,
  readRequest,
  valuesUnder,
} from '../write-back.js';

/**
 * Okta's Users API, called with an API token: its OAuth clients cannot use a secret. A POST changes the attributes of the profile that it names and no others; null
 * clears one. Source: Okta's reference of the Users API.
 */
export function oktaUsers(
  event: (user: Fields) => LoginEvent,
  placeOf: (key: string) => Place | null,
): WriteBack {
  return {
    token: (_base, { clientSecret }) => ({ authorization: `SSWS ${clientSecret}` }),
    read: (subject) => readRequest(pathOf(subject)),
    event,
    change(subject, user, { write, scrub }) {
      const profile = optionalObject(user, 'profile', '');
      const gone = keysUnder('profile', scrub, profile).filter(
        (key) => (member(profile, key) ?? null) !== null,
      );
      const link = write[LINK_KEY];
      const changes: Record<string, string | null> = {
        ...Object.fromEntries(gone.map((key) => [key, null])),
        ...(link !== undefined && { [LINK_KEY]: link }),
      };
      return Object.keys(changes).length > 0
        ? jsonRequest('POST', pathOf(subject), { profile: changes })
        : null;
    },
    place: (path) => (path.startsWith('profile.') ? placeOf(path.slice('profile.'.length)) : null),
    restore: (subject, _user, values) =>
      jsonRequest('POST', pathOf(subject), { profile: valuesUnder('profile', values) }),
  };
}

function pathOf(subject: string): string {
  return `/api/v1/users/${encodeURIComponent(subject)}`;
}
