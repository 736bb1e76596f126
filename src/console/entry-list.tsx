import type { AuditEntry } from './vault-api.js';
import { VisibleText } from './visible-text.js';

const COLUMNS = [
  'Entry',
  'Time (UTC)',
  'Client',
  'Operation',
  'Collection',
  'Shown',
  'Reason',
  'Outcome',
] as const;

interface Props {
  readonly entries: readonly AuditEntry[];
  onOpen(entry: AuditEntry): void;
}

/**
 * A page of entries. On a narrow screen each row becomes a card; the roles are spelt out because browsers forget that a table is one when its
 * display changes.
 */
export function EntryList({ entries, onOpen }: Props) {
  return (
    <table class="entries" role="table">
      <caption class="hidden">Entries of the access log</caption>
      <thead role="rowgroup">
        <tr role="row">
          {COLUMNS.map((column) => (
            <th key={column} role="columnheader" scope="col">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {entries.map((entry) => (
          <tr key={entry.index} role="row">
            <td role="cell" data-label="Entry">
              <button type="button" class="link" id={`open-${entry.index}`} onClick={() => onOpen(entry)}>
                <span class="hidden">Open entry </span>
                {entry.index}
              </button>
            </td>
            <Cell label="Time (UTC)" text={entry.time.replace('T', ' ').replace('Z', '')} />
            <Cell label="Client" text={entry.user} />
            <Cell label="Operation" text={entry.operation} />
            <Cell label="Collection" text={entry.collection ?? ''} />
            <Cell label="Shown" text={entry.revealed.map(propertyText).join(', ')} />
            <Cell label="Reason" text={entry.reason ?? ''} />
            <td role="cell" data-label="Outcome">
              <span class={`outcome ${entry.outcome}`}>
                <VisibleText text={entry.outcome} />
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Cell({ label, text }: { readonly label: string; readonly text: string }) {
  return (
    <td role="cell" data-label={label}>
      {text === '' ? <span class="none">none</span> : <VisibleText text={text} />}
    </td>
  );
}

/** A property as policies name it. */
export function propertyText({ property, transformation }: AuditEntry['revealed'][number]): string {
  return transformation === undefined ? property : `${property}.${transformation}`;
}
