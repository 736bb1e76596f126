import { optionalObject } from '../event-fields.js';
import { LINK_KEY, type LoginEvent } from '../event.js';
import type { Fields } from '../event-fields.js';
import {
  type WriteBack,
  jsonRequest,
  keysUnder,
  metadataPlace,
  readRequest,
  valuesUnder,
} from '../write-back.js';

const ROOTS = ['app_metadata', 'user_metadata'] as const;

/**
 * Auth0's Management API. Metadata is merged at its first level, null removes a key, and what is not named stays; an empty object would remove all of it and is never sent. Source: Auth0's
 * pages on metadata and on tokens for the Management API.
 */
export function auth0Users(event: (user: Fields) => LoginEvent): WriteBack {
  return {
    token: (base, { clientId, clientSecret, audience = `${base}/api/v2/` }) =>
      jsonRequest('POST', '/oauth/token', {
        ...{ grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret },
        audience,
      }),
    read: (subject) => readRequest(pathOf(subject)),
    event,
    change(subject, user, { write, scrub }) {
      const link = write[LINK_KEY];
      const body: Record<string, Record<string, string | null>> = {};
      for (const root of ROOTS) {
        const keys = keysUnder(root, scrub, optionalObject(user, root, ''));
        const changes: Record<string, string | null> = Object.fromEntries(keys.map((key) => [key, null]));
        if (root === 'app_metadata' && link !== undefined) changes[LINK_KEY] = link;
        if (Object.keys(changes).length > 0) body[root] = changes;
      }
      return Object.keys(body).length > 0 ? jsonRequest('PATCH', pathOf(subject), body) : null;
    },
    place: (path) => metadataPlace(path, ROOTS),
    restore(subject, _user, values) {
      const roots = ROOTS.map((root) => [root, valuesUnder(root, values)] as const);
      const body = Object.fromEntries(roots.filter(([, fields]) => Object.keys(fields).length > 0));
      return jsonRequest('PATCH', pathOf(subject), body);
    },
  };
}

function pathOf(subject: string): string {
  return `/api/v2/users/${encodeURIComponent(subject)}`;
}
