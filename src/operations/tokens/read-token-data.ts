import { VaultError } from '../../errors.js';
import type { components } from '../../generated/api.js';
import type { KnownCollection } from '../collection-named.js';
import { readObjectIds } from '../objects/object-ids.js';
import { readFields } from '../objects/read-fields.js';
import type { Vault } from '../vault.js';
import type { At } from './read-input.js';
import { readTags } from './read-tags.js';
import { DEFAULT_SCOPE, type Texts } from './token-identity.js';
import { TOKEN_TYPES, type TokenType } from './token-types.js';

export type TokenData = components['schemas']['TokenData'];

/** A token that another vault exported, read and checked as far as it can be without looking anything up. */
export interface ReadTokenData {
  readonly at: At;
  readonly id: string;
  readonly type: TokenType;
  readonly properties: readonly string[];
  readonly texts: Texts;
  readonly objectId: string | null;
  /** The tenant that the fields name. */
  readonly tenant: string | undefined;
  readonly scope: string;
  readonly tags: readonly string[];
  readonly expiresAt: Date | null;
  readonly createdAt: Date;
  readonly modifiedAt: Date;
}

const TOKEN_ID = /^[A-Za-z0-9_-]{1,128}$/;

/**
 * Reads one token. Throws PV9043 for a type that cannot be imported, PV9006 where id, object and fields do not go together, PV2003 for an
 * unknown property in `props`, PV9007 for too many tags, and what reading the fields throws.
 */
export function readTokenData(
  vault: Vault,
  collection: KnownCollection,
  item: TokenData,
  at: At,
): ReadTokenData {
  const { importable, keepsValues } = TOKEN_TYPES[item.token_type];
  if (!importable) throw new VaultError('PV9043', { field: at('token_type') });
  if (!TOKEN_ID.test(item.token_id))
    throw new VaultError('PV9006', { field: at('token_id'), reason: 'not a token id' });
  const objectId = item.object_id === undefined ? null : readObjectIds([item.object_id])[0]!;
  if (!keepsValues && objectId === null)
    throw new VaultError('PV9006', {
      field: at('object_id'),
      reason: 'a pointer needs an object to point to',
    });
  if (item.props.length === 0) throw new VaultError('PV9006', { field: at('props'), reason: 'is empty' });
  const unknown = item.props.findIndex((name) => name !== 'id' && !collection.own.has(name));
  if (unknown >= 0) throw new VaultError('PV2003', { field: at(`props[${unknown}]`) });

  const read = readFields(collection, item.fields ?? {}, vault.settings.types);
  const fits =
    (keepsValues || read.fields.length === 0) &&
    read.fields.every(({ property }) => item.props.includes(property.name)) &&
    (read.id ?? objectId) === objectId;
  if (!fits)
    throw new VaultError('PV9006', { field: at('fields'), reason: 'do not go with props and object' });
  return {
    at,
    id: item.token_id,
    type: item.token_type,
    properties: [...new Set(item.props)],
    texts: new Map(read.fields.flatMap(({ property, text }) => (text === null ? [] : [[property.id, text]]))),
    objectId,
    tenant: read.tenant,
    scope: item.scope || DEFAULT_SCOPE,
    tags: readTags(vault, item, at).tags ?? [],
    expiresAt: item.expiration?.expiration_time
      ? readTime(item.expiration.expiration_time, at('expiration.expiration_time'))
      : null,
    createdAt: readTime(item.created_at, at('created_at')),
    modifiedAt: readTime(item.modified_at, at('modified_at')),
  };
}

/** A moment after 1970. Throws PV9006 for others, and for a leap second, which no clock of ours can name. */
function readTime(text: string, field: string): Date {
  const moment = new Date(text);
  if (!(moment.getTime() > 0)) throw new VaultError('PV9006', { field, reason: 'not a moment after 1970' });
  return moment;
}
