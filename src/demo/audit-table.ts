import type { components } from '../generated/api.js';

type AuditEntry = components['schemas']['AuditEntry'];

const HEADINGS = ['#', 'time', 'who', 'operation', 'asked', 'revealed', 'outcome'];

/** Entries of the access log as lines of a table. */
export function auditTable(entries: readonly AuditEntry[]): string[] {
  const rows = [HEADINGS, ...entries.map(rowOf)];
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
}

function rowOf({ index, time, user, operation, asked, revealed, outcome }: AuditEntry): string[] {
  return [String(index), time.slice(11, 23), user, operation, list(asked), list(revealed), outcome];
}

/** Property names, with the transformation they were shown through. */
function list(properties: AuditEntry['asked']): string {
  if (properties.length === 0) return '-';
  return properties
    .map(({ property, transformation }) => (transformation ? `${property} (${transformation})` : property))
    .join(', ');
}
