import { filtersOf } from './filters.js';
import type { Search } from './filter-form.js';
import { LogExport } from './log-export.js';
import { saveAs } from './save-as.js';
import type { AuditEntry, VaultApi } from './vault-api.js';
import { VisibleText } from './visible-text.js';

interface Props {
  readonly api: VaultApi;
  readonly search: Search;
  readonly entries: readonly AuditEntry[];
}

/** What is shown as a file, the command that asks for the same without a browser, and the log itself. */
export function ExportPanel({ api, search, entries }: Props) {
  return (
    <section class="panel" aria-labelledby="export-heading">
      <h2 id="export-heading">Take it along</h2>
      <p class="actions">
        <button type="button" class="quiet" disabled={entries.length === 0} onClick={() => download(entries)}>
          Download this page (JSON lines)
        </button>
      </p>
      <details>
        <summary>The same search as a command</summary>
        <pre>
          <code>
            <VisibleText text={commandOf(search)} />
          </code>
        </pre>
      </details>
      <LogExport api={api} />
    </section>
  );
}

function download(entries: readonly AuditEntry[]): void {
  const lines = entries.map((entry) => `${JSON.stringify(entry)}\n`);
  saveAs(
    new Blob(lines, { type: 'application/jsonl' }),
    `access-log-${entries[0]!.index}-${entries.at(-1)!.index}.jsonl`,
  );
}

/** One line for a shell. The key is a variable, and a token is left for the person to put in: neither belongs on a screen. */
function commandOf({ filters, order, limit }: Search): string {
  const named = filtersOf(filters);
  if (named.token_id !== undefined) named.token_id = 'TOKEN';
  const json = JSON.stringify({ ...named, order, limit: Number(limit) });
  // Beyond ASCII, and the quote that would end the argument, as JSON escapes them: what is copied is what is seen.
  const plain = json.replace(
    /['\u007f-\uffff]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  const url = `${location.origin}/api/coatcheck/1.0/audit/query`;
  return `curl -H "Authorization: Bearer $COATCHECK_KEY" -H 'Content-Type: application/json' -d '${plain}' ${url}`;
}
