import { type Fields, member, optionalObject } from '../event-fields.js';
import { LINK_KEY, type LoginEvent } from '../event.js';
import {
  type WriteBack,
  jsonRequest,
  keysUnder,
  metadataPlace,
  readRequest,
  valuesUnder,
} from '../write-back.js';

/**
 * Logto's Management API. A change of a user replaces custom data and profile as a whole, which is how keys are really removed: what stays is sent along. Source: Logto's reference of the API.
 */
export function logtoUsers(event: (user: Fields) => LoginEvent): WriteBack {
  return {
    token: (base, { clientId, clientSecret, audience = `${base}/api` }) => ({
      method: 'POST',
      path: '/oidc/token',
      headers: {
        authorization: `Basic ${basic(clientId, clientSecret)}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        resource: audience,
        scope: 'all',
      }).toString(),
    }),
    read: (subject) => readRequest(pathOf(subject)),
    event,
    change(subject, user, { write, scrub }) {
      const link = write[LINK_KEY];
      const customData = optionalObject(user, 'customData', '');
      const profile = optionalObject(user, 'profile', '');
      const kept = without(customData, keysUnder('customData', scrub, customData));
      const linked = without(kept, link === null ? [LINK_KEY] : []);
      const shown = without(profile, keysUnder('profile', scrub, profile));
      const hasName = scrub.includes('user.name') && (member(user, 'name') ?? null) !== null;
      const body = {
        ...((link !== undefined || size(kept) < size(customData)) && {
          customData: { ...linked, ...(typeof link === 'string' && { [LINK_KEY]: link }) },
        }),
        ...(size(shown) < size(profile) && { profile: shown }),
        ...(hasName && { name: null }),
      };
      return size(body) > 0 ? jsonRequest('PATCH', pathOf(subject), body) : null;
    },
    place: (path) =>
      path === 'user.name' || path.startsWith('profile.')
        ? { key: path.slice(path.indexOf('.') + 1), metadata: false }
        : metadataPlace(path, ['customData']),
    restore(subject, user, values) {
      const customData = valuesUnder('customData', values);
      const profile = Object.entries(valuesUnder('profile', values));
      const shown = Object.fromEntries(profile.map(([key, value]) => [key, asMember(key, value)]));
      return jsonRequest('PATCH', pathOf(subject), {
        ...(size(customData) > 0 && {
          customData: { ...optionalObject(user, 'customData', ''), ...customData },
        }),
        ...(profile.length > 0 && { profile: { ...optionalObject(user, 'profile', ''), ...shown } }),
        ...valuesUnder('user', values),
      });
    },
  };
}

/** The vault has an address as one text. */
function asMember(key: string, value: unknown): unknown {
  return key === 'address' && typeof value === 'string' ? { formatted: value } : value;
}

function pathOf(subject: string): string {
  return `/api/users/${encodeURIComponent(subject)}`;
}

/** Both parts form-encoded first (RFC 6749, 2.3.1). */
function basic(id: string, secret: string): string {
  return btoa(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`);
}

function without(fields: Fields, keys: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([key]) => !keys.includes(key)));
}

function size(fields: object): number {
  return Object.keys(fields).length;
}
