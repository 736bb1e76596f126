import { type TokenMeta, type TokenRow, encodePacked, sealTokenMeta } from '../../crypto/index.js';
import type { TokenWrite } from '../../store/tokens/token-row.js';
import type { KnownCollection } from '../collection-named.js';
import type { Vault } from '../vault.js';
import { type OpenToken, placeOfToken } from './open-token.js';
import { sealSnapshot } from './prepare-token.js';
import type { Texts } from './token-identity.js';

/** Other values for a token. */
export interface NewValues {
  readonly texts: Texts;
  readonly valueHash: Buffer | null;
}

/** A change of a token's row: what it is found by, and what it is to be. */
export interface TokenChange {
  readonly from: Buffer;
  readonly to: TokenWrite;
}

/**
 * An open token with some of its sealed part changed, ready to replace its row: sealed anew, at the next revision. The values stay as
 * they are unless there are others.
 */
export function rewriteToken(
  vault: Vault,
  collection: KnownCollection,
  token: OpenToken,
  changed: Partial<TokenMeta>,
  now: Date,
  values?: NewValues,
): TokenChange {
  const { lookup } = vault.keyring;
  const meta = { ...token.meta, ...changed };
  const hash = lookup.tokenHash(collection.id, meta.tokenId);
  const revision = token.row.revision + 1;
  const { snapshot: kept, valueHash } = token.row;
  const snapshot =
    kept && values ? sealSnapshot(token.key, placeOfToken(token.row), values.texts, revision) : kept;
  const row: TokenRow = {
    ...token.row,
    hash,
    revision,
    snapshot,
    valueHash: values ? values.valueHash : valueHash,
  };
  return {
    from: token.stored.hash,
    to: {
      ...token.stored,
      hash,
      lookupVersion: lookup.version,
      revision,
      sealed: snapshot && encodePacked(snapshot),
      meta: sealTokenMeta(token.key, row, meta),
      tags: meta.tags.map((tag) => lookup.tag(collection.id, tag)),
      expiresAt: meta.expiresAt,
      modifiedAt: now,
      valueHash: row.valueHash && Buffer.from(row.valueHash),
    },
  };
}
