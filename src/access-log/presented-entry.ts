import type { components } from '../generated/api.js';
import type { Entry, RecordedTouch, Revelation, TextKind } from './entry.js';

type AuditEntry = components['schemas']['AuditEntry'];

/** The free texts of an entry; null where it has none, or it was erased. */
export interface EntryTexts {
  readonly adhocReason: string | null;
  readonly customAudit: string | null;
}

/**
 * An entry as auditors get it: what its bytes say, and the free texts that were not erased. Pure, and free of Node's own modules: the console's
 * browser makes the same of bytes it has proved.
 */
export function presentedEntry(index: number, entry: Entry, texts: EntryTexts): AuditEntry {
  return {
    index,
    time: entry.time,
    request_id: entry.request_id,
    ...(entry.caller_request_id !== undefined && { caller_request_id: entry.caller_request_id }),
    user: entry.user,
    role: entry.role,
    ...(entry.key_id !== undefined && { key_id: entry.key_id }),
    ...(entry.issuer !== undefined && { issuer: entry.issuer }),
    ...(entry.subject !== undefined && { subject: entry.subject }),
    ...(entry.delegation !== undefined && { delegation: entry.delegation }),
    ...(entry.action !== undefined && { action: entry.action }),
    operation: entry.operation,
    ...(entry.collection !== undefined && { collection: entry.collection }),
    objects: [...(entry.objects ?? [])],
    tokens: [...(entry.tokens ?? [])],
    asked: (entry.asked ?? []).map(presentRevelation),
    revealed: (entry.revealed ?? []).map(presentRevelation),
    ...(entry.touches && { touches: entry.touches.map(presentTouch) }),
    ...(entry.reason !== undefined && { reason: entry.reason }),
    ...(entry.reason_defaulted && { reason_defaulted: true }),
    ...(texts.adhocReason !== null && { adhoc_reason: texts.adhocReason }),
    ...(texts.customAudit !== null && { custom_audit: texts.customAudit }),
    ...presentErased(entry, texts),
    outcome: entry.outcome,
    ...(entry.rule !== undefined && { rule: entry.rule }),
    ...(entry.admin_reads && { admin_reads: true }),
    iam_version: entry.iam_version,
    tenants: [...(entry.tenants ?? [])],
    ...(entry.remote_addr !== undefined && { remote_addr: entry.remote_addr }),
    ...(entry.error_code !== undefined && { error_code: entry.error_code }),
    ...(entry.refers !== undefined && { refers: entry.refers }),
    ...(entry.count !== undefined && { count: entry.count }),
    ...(entry.erased && { erased: [...entry.erased] }),
    ...(entry.range !== undefined && { range: [...entry.range] }),
  };
}

/** A property as it is told, with the transformation if there was one. */
export function presentRevelation([property, transformation]: Revelation): AuditEntry['asked'][number] {
  return transformation === null ? { property } : { property, transformation };
}

function presentTouch([
  operation,
  property,
  typeName,
  transformation,
  needsPlain,
]: RecordedTouch): NonNullable<AuditEntry['touches']>[number] {
  return {
    operation,
    ...(property !== undefined && { property }),
    ...(typeName !== undefined && { data_type_name: typeName }),
    ...(typeof transformation === 'string' && { transformation }),
    ...(needsPlain && { needs_plain: true }),
  };
}

/** The texts that the entry commits to and that are not there any more. */
function presentErased(entry: Entry, texts: EntryTexts): Pick<AuditEntry, 'texts_erased'> {
  const erased: TextKind[] = [];
  if (entry.adhoc_hash !== undefined && texts.adhocReason === null) erased.push('adhoc_reason');
  if (entry.custom_hash !== undefined && texts.customAudit === null) erased.push('custom_audit');
  return erased.length > 0 ? { texts_erased: erased } : {};
}
