import { presentTime } from '../../collections/present.js';
import type { JsonValue } from '../../data-types/data-type.js';
import type { ExportKey } from '../../crypto/index.js';
import type { components } from '../../generated/api.js';
import type { KnownCollection } from '../collection-named.js';
import { NO_TENANT } from '../tenancy.js';
import type { OpenToken } from './open-token.js';
import { valuesOf } from './reveal-token.js';
import { namesOfProperties } from './token-properties.js';
import { TOKEN_TYPES, type TokenType } from './token-types.js';

type TokenData = components['schemas']['TokenData'];

/** A token with its values, for another vault: sealed under the export key, where there is one. Call it after the access was recorded. */
export function presentTokenData(
  collection: KnownCollection,
  token: OpenToken,
  key: ExportKey | null,
): TokenData {
  const { stored, meta } = token;
  const type = stored.type as TokenType;
  const props = namesOfProperties(collection, meta.props);
  return {
    token_id: meta.tokenId,
    token_type: type,
    props,
    ...(TOKEN_TYPES[type].keepsValues && { fields: fieldsOf(collection, token, props, key) }),
    ...(stored.objectId && { object_id: stored.objectId }),
    scope: stored.scope,
    ...(meta.tags.length > 0 && { tags: [...meta.tags] }),
    ...(meta.expiresAt && { expiration: { expiration_time: presentTime(meta.expiresAt) } }),
    created_at: presentTime(stored.createdAt),
    modified_at: presentTime(stored.modifiedAt ?? stored.createdAt),
  };
}

function fieldsOf(
  collection: KnownCollection,
  token: OpenToken,
  props: readonly string[],
  key: ExportKey | null,
): Record<string, JsonValue> {
  const textOf = valuesOf(token);
  const fields: Record<string, JsonValue> = {};
  for (const name of props) {
    const property = collection.own.get(name);
    const text = property ? textOf(property.id) : null;
    if (text === null) continue;
    const place = {
      collection: collection.name,
      token: token.meta.tokenId,
      owner: token.stored.objectId,
      property: name,
    };
    fields[name] = key ? key.seal(place, text) : (JSON.parse(text) as JsonValue);
  }
  // An object says itself whose it is.
  const { tenant, objectId } = token.stored;
  if (objectId === null && tenant !== NO_TENANT) fields._tenant_id = tenant;
  return fields;
}
