import { VaultError } from '../../errors.js';
import {
  type ObjectKey,
  type PackedField,
  type Place,
  type TokenMeta,
  type TokenRow,
  decodePacked,
  openTokenMeta,
} from '../../crypto/index.js';
import type { StoredToken } from '../../store/tokens/token-row.js';
import { type OpenObject, openObject } from '../objects/open-object.js';
import type { Vault } from '../vault.js';

/** A token whose row was found genuine: its id, properties and tags are known, its snapshot is still sealed. */
export interface OpenToken {
  readonly stored: StoredToken;
  readonly row: TokenRow;
  readonly meta: TokenMeta;
  readonly key: ObjectKey;
  /** The owning object; null for a token made from bare fields. */
  readonly object: OpenObject | null;
}

/** Opens a token. Throws PV9010 where its row, its object or their key were moved or changed by anybody but the vault. */
export async function openToken(vault: Vault, stored: StoredToken): Promise<OpenToken> {
  const object = stored.object && (await openObject(vault, stored.object));
  const key = object?.key ?? (await openOwnKey(vault, stored));
  const row = tokenRowOf(stored);
  const meta = openTokenMeta(key, row, stored.meta, stored.expiresAt);
  checkTags(vault, stored, meta);
  return { stored, row, meta, key, object };
}

/** Where a token record stands: what its snapshot and its own key are bound to. */
export function placeOfToken(row: TokenRow): Place {
  return { tenant: row.tenant, collection: row.collection, record: row.record };
}

/** The tags that a token is found by must be those that were sealed. */
function checkTags(vault: Vault, stored: StoredToken, meta: TokenMeta): void {
  const lookup = vault.keyring.lookupVersion(stored.lookupVersion);
  const sealed = meta.tags.map((tag) => lookup.tag(stored.collection, tag));
  const same = sealed.length === stored.tags.length && sealed.every((tag, i) => stored.tags[i]?.equals(tag));
  if (!same) throw new VaultError('PV9010');
}

async function openOwnKey(vault: Vault, stored: StoredToken): Promise<ObjectKey> {
  if (!stored.ownKey) throw new VaultError('PV9010');
  const keyset = await vault.keyring.opening(stored.ownKey.keysetId, stored.ownKey.keysetVersion);
  return keyset.openTokenKey(stored.ownKey, placeOfToken(tokenRowOf(stored)));
}

function tokenRowOf(stored: StoredToken): TokenRow {
  const snapshot: readonly PackedField[] | null = stored.sealed && decodePacked(stored.sealed);
  return {
    tenant: stored.tenant,
    collection: stored.collection,
    record: stored.id,
    hash: stored.hash,
    type: stored.type,
    scope: stored.scope,
    object: stored.objectId,
    revision: stored.revision,
    snapshot,
    valueHash: stored.valueHash,
  };
}
