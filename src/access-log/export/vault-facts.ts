import type { ExportedEntry } from './exported-entry.js';

/** What an entry says that a common event format has no place of its own for, by the entry's own names. */
export function vaultFactsOf(exported: ExportedEntry) {
  const { entry } = exported;
  return {
    outcome: entry.outcome,
    action: entry.action,
    objects: entry.objects,
    tokens: entry.tokens,
    asked: entry.asked,
    revealed: entry.revealed,
    reason: entry.reason,
    reason_defaulted: entry.reason_defaulted,
    adhoc_reason: exported.text('adhoc_reason'),
    custom_audit: exported.text('custom_audit'),
    key_id: entry.key_id,
    delegation: entry.delegation,
    caller_request_id: entry.caller_request_id,
    iam_version: entry.iam_version,
    admin_reads: entry.admin_reads,
    tenants: entry.tenants,
    refers: entry.refers,
    erased: entry.erased,
    range: entry.range,
  };
}
