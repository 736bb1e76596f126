import { type Fields, member } from '../event-fields.js';
import type { LoginEvent } from '../event.js';
import { type WriteBack, jsonRequest, keysUnder, readRequest, valuesUnder } from '../write-back.js';

/** What is asked of a user: what the event shows and can be cleared, and what says whether this directory is where to clear it. */
const SELECTED = [
  'id',
  'displayName',
  'givenName',
  'surname',
  'mail',
  'companyName',
  'preferredLanguage',
  'onPremisesSyncEnabled',
];
/** Of these the ones that can be cleared. */
const CLEARABLE: ReadonlySet<string> = new Set(['givenName', 'surname', 'companyName', 'preferredLanguage']);

/**
 * Microsoft Graph. A PATCH changes what it names; null clears it. Tokens come from another host, which the credential names. Source: Microsoft's reference of the user resource and
 * of the client credentials flow.
 */
export function graphUsers(event: (user: Fields) => LoginEvent): WriteBack {
  return {
    needsTokenUrl: true,
    token: (base, { clientId, clientSecret, audience = base }) => ({
      method: 'POST',
      path: '',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        ...{ grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret },
        scope: `${audience}/.default`,
      }).toString(),
    }),
    read: (subject) => readRequest(`${pathOf(subject)}?$select=${SELECTED.join(',')}`),
    event,
    change(subject, user, { scrub }) {
      const gone = keysUnder('user', scrub, user).filter((key) => (member(user, key) ?? null) !== null);
      return gone.length > 0
        ? jsonRequest('PATCH', pathOf(subject), Object.fromEntries(gone.map((key) => [key, null])))
        : null;
    },
    place(path) {
      const [root, key = '', ...rest] = path.split('.');
      const isPlace = root === 'user' && rest.length === 0 && CLEARABLE.has(key);
      return isPlace ? { key, metadata: false } : null;
    },
    restore: (subject, user, values) =>
      member(user, 'onPremisesSyncEnabled') === true
        ? null
        : jsonRequest('PATCH', pathOf(subject), valuesUnder('user', values)),
  };
}

function pathOf(subject: string): string {
  return `/v1.0/users/${encodeURIComponent(subject)}`;
}
