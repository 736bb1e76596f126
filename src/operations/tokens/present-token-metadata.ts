import type { components } from '../../generated/api.js';
import { presentTime } from '../../collections/present.js';
import { effectiveExpiry as expiryOfObject } from '../../store/objects/object-row.js';
import { NO_TENANT } from '../tenancy.js';
import type { OpenToken } from './open-token.js';

type TokenMetadata = components['schemas']['TokenMetadata'];

/** What the API tells of the records behind one token id, which all have its type and scope. */
export function presentTokenMetadata(records: readonly OpenToken[], aggregated: boolean): TokenMetadata {
  const { stored, meta } = records[0]!;
  const latest = latestOf(records.map(effectiveExpiry));
  return {
    token_id: meta.tokenId,
    type: stored.type as TokenMetadata['type'],
    scope: stored.scope,
    tokens: records.map((record) => ({
      creation_time: presentTime(record.stored.createdAt),
      expiration_time: record.stored.expiresAt && presentTime(record.stored.expiresAt),
      effective_expiration_time: presentOrNull(effectiveExpiry(record)),
      ...(record.stored.objectId && { object_id: record.stored.objectId }),
      ...(record.stored.tenant !== NO_TENANT && { effective_tenant_id: record.stored.tenant }),
      tags: [...record.meta.tags],
    })),
    ...(aggregated && { agg: { max_effective_expiration_time: presentOrNull(latest) } }),
  };
}

/** The earliest of the token's own expiry, its object's and that object's owner's; null: never. */
function effectiveExpiry({ stored }: OpenToken): Date | null {
  const own = stored.expiresAt;
  const object = stored.object && expiryOfObject(stored.object);
  if (!own || !object) return own ?? object;
  return own < object ? own : object;
}

/** Null, which is never, is later than any moment. */
function latestOf(moments: readonly (Date | null)[]): Date | null {
  if (moments.includes(null)) return null;
  return new Date(Math.max(...moments.map((moment) => moment!.getTime())));
}

function presentOrNull(moment: Date | null): string | null {
  return moment && presentTime(moment);
}
