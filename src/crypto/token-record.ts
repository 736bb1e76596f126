import { VaultError } from '../errors.js';
import type { ObjectKey } from './object-key.js';
import { opening } from './opening.js';
import { type PackedField, manifestOf } from './packed.js';
import { tuple, u32, uuidBytes } from './tuple.js';

/** The clear columns of a token row; all of them are bound into its sealed part. */
export interface TokenRow {
  readonly tenant: string;
  readonly collection: number;
  /** Id of the row, never shown. */
  readonly record: string;
  readonly hash: Uint8Array;
  readonly type: string;
  readonly scope: string;
  /** The owning object, or null for a token made from bare fields. */
  readonly object: string | null;
  readonly revision: number;
  /** The snapshot, or null where none is kept: pointers have no values of their own, what is one-way keeps none. */
  readonly snapshot: readonly PackedField[] | null;
  /** What a token that is the same for equal values is found again by; null for the other types. */
  readonly valueHash: Uint8Array | null;
}

/** What only the object key opens. */
export interface TokenMeta {
  readonly tokenId: string;
  /** Ids of the properties the token stands for, in the order they were asked for. */
  readonly props: readonly number[];
  readonly tags: readonly string[];
  readonly expiresAt: Date | null;
}

/** Seals a token's id, properties, tags and expiry, bound to its row (docs/FORMAT.md section 5). */
export function sealTokenMeta(key: ObjectKey, row: TokenRow, meta: TokenMeta): Buffer {
  const text = JSON.stringify({
    token_id: meta.tokenId,
    props: meta.props,
    tags: meta.tags,
    expires: meta.expiresAt?.getTime() ?? null,
  });
  return key.token.seal(aadOf(key, row), Buffer.from(text));
}

/**
 * Opens a token row. `expiresAt` is the clear column it is searched by: it must be what was sealed. Throws PV9010
 * where the row was swapped, repointed or edited.
 */
export function openTokenMeta(
  key: ObjectKey,
  row: TokenRow,
  sealed: Uint8Array,
  expiresAt: Date | null,
): TokenMeta {
  return opening(() => {
    const text = key.token.open(aadOf(key, row), sealed).toString('utf8');
    const { token_id, props, tags, expires } = JSON.parse(text) as {
      token_id: string;
      props: number[];
      tags: string[];
      expires: number | null;
    };
    if (expires !== (expiresAt?.getTime() ?? null)) throw new VaultError('PV9010');
    return { tokenId: token_id, props, tags, expiresAt };
  });
}

function aadOf(key: ObjectKey, row: TokenRow): Buffer {
  return tuple(
    'coatcheck/v1/token-meta',
    row.tenant,
    u32(row.collection),
    uuidBytes(row.record),
    row.hash,
    row.type,
    row.scope,
    row.object ? uuidBytes(row.object) : '',
    uuidBytes(key.id),
    u32(row.revision),
    row.snapshot ? manifestOf(row.snapshot) : '',
    ...(row.valueHash ? [row.valueHash] : []),
  );
}
