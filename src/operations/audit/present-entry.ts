import { decodeEntry } from '../../access-log/entry.js';
import { presentedEntry } from '../../access-log/presented-entry.js';
import type { components } from '../../generated/api.js';
import type { LogRow } from '../../store/access-log/read.js';

/** A stored entry as auditors get it. */
export function presentEntry(row: LogRow): components['schemas']['AuditEntry'] {
  return presentedEntry(row.index, decodeEntry(row.bytes), row);
}
