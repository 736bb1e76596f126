import { type Fields, member, misfit, optionalObject } from '../event-fields.js';
import { LINK_KEY, type LoginEvent } from '../event.js';
import { hasLostDigits } from '../lost-digits.js';
import {
  type ProviderRequest,
  type WriteBack,
  jsonRequest,
  keysUnder,
  metadataPlace,
  readRequest,
  valuesUnder,
} from '../write-back.js';

/** Metadata is kept as the text of a JSON object; a token's claims have the object itself. */
export function metadataOf(fields: Fields, at: string): Fields {
  const value = member(fields, 'metadata');
  if (typeof value !== 'string') return optionalObject(fields, 'metadata', at);
  if (value.trim() === '') return {};
  try {
    return optionalObject({ metadata: JSON.parse(value) as unknown }, 'metadata', at);
  } catch {
    return misfit(`${at}metadata`, 'It must be a JSON object.');
  }
}

/** What stays of metadata without these keys. */
export function withoutKeys(fields: Fields, keys: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([key]) => !keys.includes(key)));
}

/**
 * Frontegg's API for whoever owns the environment. Its tokens are asked for in Frontegg's own form; a change of a user replaces metadata as a whole, so what stays is sent along. Source:
 * Frontegg's reference of its identity API.
 */
export function fronteggUsers(event: (user: Fields) => LoginEvent): WriteBack {
  return {
    token: (_base, { clientId, clientSecret }) =>
      jsonRequest('POST', '/auth/vendor', { clientId, secret: clientSecret }),
    tokenIn: (answer) => ({ token: member(answer, 'token'), seconds: member(answer, 'expiresIn') }),
    read: (subject) => readRequest(`/identity/resources/vendor-only/users/v1/${encodeURIComponent(subject)}`),
    event,
    change(subject, user, { write, scrub }) {
      const link = write[LINK_KEY];
      const before = metadataOf(user, '');
      const gone = keysUnder('metadata', scrub, before);
      if (gone.length === 0 && link === undefined) return null;
      const rest = withoutKeys(before, [...gone, LINK_KEY]);
      const kept = link === undefined ? member(before, LINK_KEY) : (link ?? undefined);
      return replaceMetadata(subject, rest, kept === undefined ? {} : { [LINK_KEY]: kept });
    },
    place: (path) => metadataPlace(path, ['metadata']),
    restore: (subject, user, values) =>
      replaceMetadata(subject, metadataOf(user, ''), valuesUnder('metadata', values)),
  };
}

/** In the text at Frontegg all digits of a number are there: what stays must not come back with fewer. */
function replaceMetadata(subject: string, rest: Fields, more: Fields): ProviderRequest {
  if (hasLostDigits(rest)) misfit('metadata', 'It holds a number of more digits than can be sent along.');
  return jsonRequest('PUT', `/identity/resources/users/v1/${encodeURIComponent(subject)}`, {
    metadata: JSON.stringify({ ...rest, ...more }),
  });
}
