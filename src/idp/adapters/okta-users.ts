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

const TOKEN_PATH = '/oauth2/v1/token';
/** What the app must be granted; a credential may name others. */
const SCOPE = 'okta.users.manage';

/**
 * Okta's Users API, called as a service app, which signs with a private key and cannot use a secret, or with an API token. A POST changes the attributes of the profile that it names and no others; null
 * clears one. Source: Okta's reference of the Users API and its guides on service apps and on DPoP.
 */
export function oktaUsers(
  event: (user: Fields) => LoginEvent,
  placeOf: (key: string) => Place | null,
): WriteBack {
  return {
    token: (_base, { clientSecret }) => ({ authorization: `SSWS ${clientSecret}` }),
    signed: {
      audience: (base) => `${base}${TOKEN_PATH}`,
      token: (_base, { audience = SCOPE }, assertion) => ({
        method: 'POST',
        path: TOKEN_PATH,
        headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
        body: new URLSearchParams({
          ...{ grant_type: 'client_credentials', scope: audience, client_assertion: assertion },
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        }).toString(),
      }),
    },
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
