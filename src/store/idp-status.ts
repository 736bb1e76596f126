import type { Statement } from './database.js';

/**
 * Says of a subject whether the provider has suspended it, as of `at` on the provider's clock. PV3218 where it was erased, or something newer was said,
 * meanwhile.
 */
export function tellStatus(hash: Buffer, suspendedAt: Date | null, at: Date): Statement {
  return {
    name: 'idp-subject-status',
    mustReturn: 1,
    text: `update idp_subject set suspended_at = $2, status_at = $3
            where hash = $1 and erased_at is null and (status_at is null or status_at < $3) returning object_id`,
    values: [hash, suspendedAt, at],
  };
}
