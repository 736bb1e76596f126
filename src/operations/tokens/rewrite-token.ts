import { type TokenMeta, type TokenRow, sealTokenMeta } from '../../crypto/index.js';
import type { TokenWrite } from '../../store/tokens/token-row.js';
import type { KnownCollection } from '../collection-named.js';
import type { Vault } from '../vault.js';
import type { OpenToken } from './open-token.js';

/**
 * An open token with some of its sealed part changed, ready to replace its row: sealed anew, at the next revision. The snapshot
 * stays as it is.
 */
export function rewriteToken(
  vault: Vault,
  collection: KnownCollection,
  token: OpenToken,
  changed: Partial<TokenMeta>,
): { from: Buffer; to: TokenWrite } {
  const { lookup } = vault.keyring;
  const meta = { ...token.meta, ...changed };
  const hash = lookup.tokenHash(collection.id, meta.tokenId);
  const row: TokenRow = { ...token.row, hash, revision: token.row.revision + 1 };
  return {
    from: token.stored.hash,
    to: {
      ...token.stored,
      hash,
      lookupVersion: lookup.version,
      revision: row.revision,
      meta: sealTokenMeta(token.key, row, meta),
      tags: meta.tags.map((tag) => lookup.tag(collection.id, tag)),
      expiresAt: meta.expiresAt,
    },
  };
}
