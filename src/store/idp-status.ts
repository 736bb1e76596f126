import type { Statement } from './database.js';

/**
 * Says of a subject with this object whether the provider has suspended it, as of `at` on the provider's clock. PV3218 where it was erased, got another object, or something newer was said,
 * meanwhile.
 */
export function tellStatus(hash: Buffer, objectId: string, suspendedAt: Date | null, at: Date): Statement {
  return {
    name: 'idp-subject-status',
    mustReturn: 1,
    text: `update idp_subject set suspended_at = $3, status_at = $4
            where hash = $1 and object_id = $2 and erased_at is null and (status_at is null or status_at < $4) returning 1`,
    values: [hash, objectId, suspendedAt, at],
  };
}
