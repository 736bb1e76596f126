import {
  type ObjectKey,
  type PackedField,
  type Place,
  type TokenRow,
  type WrappedObjectKey,
  encodePacked,
  sealTokenField,
  sealTokenMeta,
} from '../../crypto/index.js';
import type { TokenWrite } from '../../store/tokens/token-row.js';
import type { KnownCollection } from '../collection-named.js';
import type { Vault } from '../vault.js';
import { placeOfToken } from './open-token.js';
import type { Texts } from './token-identity.js';
import type { TokenOwner } from './token-sources.js';
import { TOKEN_TYPES, type TokenType } from './token-types.js';

/** A token as it shall be made. */
export interface NewToken {
  /** Id of the row, never shown. */
  readonly record: string;
  /** What the caller gets. */
  readonly id: string;
  readonly hash: Buffer;
  readonly valueHash: Buffer | null;
  readonly type: TokenType;
  readonly scope: string;
  readonly owner: TokenOwner | null;
  readonly tenant: string;
  /** Numbers of the properties it stands for. */
  readonly props: readonly number[];
  readonly texts: Texts;
  readonly tags: readonly string[];
  readonly expiresAt: Date | null;
  readonly createdAt: Date;
  readonly modifiedAt: Date | null;
}

/** A new token, sealed and ready to be inserted. */
export interface PreparedToken {
  readonly write: TokenWrite;
  /** Its own key, where it belongs to no object. */
  readonly ownKey: WrappedObjectKey | null;
}

/** Seals a new token, with the values of this moment where its type keeps any. */
export async function prepareToken(
  vault: Vault,
  collection: KnownCollection,
  token: NewToken,
): Promise<PreparedToken> {
  const place = { tenant: token.tenant, collection: collection.id, record: token.record };
  const keyset = await vault.keyring.sealing(collection.id, token.tenant);
  const key = token.owner?.key ?? keyset.newObjectKey();
  const { lookup } = vault.keyring;
  const snapshot = TOKEN_TYPES[token.type].keepsValues ? sealSnapshot(key, place, token.texts, 1) : null;
  const row: TokenRow = {
    ...place,
    hash: token.hash,
    type: token.type,
    scope: token.scope,
    object: token.owner?.id ?? null,
    revision: 1,
    snapshot,
    valueHash: token.valueHash,
  };
  const meta = sealTokenMeta(key, row, {
    tokenId: token.id,
    props: token.props,
    tags: token.tags,
    expiresAt: token.expiresAt,
  });
  const write: TokenWrite = {
    id: token.record,
    collection: collection.id,
    hash: token.hash,
    lookupVersion: lookup.version,
    type: token.type,
    scope: token.scope,
    objectId: row.object,
    tenant: token.tenant,
    revision: 1,
    sealed: snapshot && encodePacked(snapshot),
    meta,
    tags: token.tags.map((tag) => lookup.tag(collection.id, tag)),
    expiresAt: token.expiresAt,
    createdAt: token.createdAt,
    modifiedAt: token.modifiedAt,
    valueHash: token.valueHash,
  };
  return { write, ownKey: token.owner ? null : keyset.wrapTokenKey(key, placeOfToken(row)) };
}

/** The values that a token keeps, sealed at a revision of it. */
export function sealSnapshot(key: ObjectKey, place: Place, texts: Texts, revision: number): PackedField[] {
  return [...texts].map(([property, text]) => sealTokenField(key, place, property, revision, text));
}
