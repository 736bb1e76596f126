import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Chart } from './chart.js';
import { CheckpointPanel } from './checkpoint-panel.js';
import { EntryList } from './entry-list.js';
import { EntryView } from './entry-view.js';
import { ExportPanel } from './export-panel.js';
import { Choice, EVERYTHING, FilterForm } from './filter-form.js';
import { CheckpointTrust } from './proof/checkpoint-trust.js';
import { type CountedBy, type Found, type Searching, useSearch } from './use-search.js';
import type { AuditEntry, VaultApi } from './vault-api.js';

/** What a person sees who is signed in. */
export function SearchPage({ api }: { readonly api: VaultApi }) {
  const trust = useMemo(() => new CheckpointTrust((from, to) => api.consistency(from, to)), [api]);
  const searching = useSearch(api);
  const [by, setBy] = useState<CountedBy>('hour');
  const [open, setOpen] = useState<AuditEntry | null>(null);
  const left = useRef<number | null>(null);

  useEffect(() => searching.start(EVERYTHING, 'hour'), [api]);
  useLayoutEffect(() => {
    // Back where the list was left.
    if (!open && left.current !== null) document.getElementById(`open-${left.current}`)?.focus();
  }, [open]);

  const close = (): void => {
    left.current = open?.index ?? null;
    setOpen(null);
  };
  return (
    <>
      {open && <EntryView api={api} trust={trust} entry={open} onClose={close} />}
      <div hidden={open !== null}>
        <CheckpointPanel api={api} trust={trust} />
        <section aria-labelledby="search-heading">
          <h2 id="search-heading">Accesses</h2>
          <FilterForm busy={searching.busy} onSearch={(search) => searching.start(search, by)} />
          <p role="status" class="result">
            {resultOf(searching)}
          </p>
          <p role="alert" class="problem">
            {searching.problem}
          </p>
          {searching.found && (
            <Results
              searching={searching}
              found={searching.found}
              by={by}
              onBy={(chosen) => {
                setBy(chosen);
                searching.recount(chosen);
              }}
              onOpen={setOpen}
            />
          )}
        </section>
        {searching.found && (
          <ExportPanel api={api} search={searching.found.search} entries={searching.found.entries} />
        )}
      </div>
    </>
  );
}

interface ResultsProps {
  readonly searching: Searching;
  readonly found: Found;
  readonly by: CountedBy;
  onBy(by: CountedBy): void;
  onOpen(entry: AuditEntry): void;
}

function Results({ searching, found, by, onBy, onOpen }: ResultsProps) {
  const { busy, turn } = searching;
  return (
    <>
      <div class="panel">
        <Choice
          id="counted-by"
          label="Count by"
          value={by}
          choices={['hour', 'user', 'property', 'operation']}
          onChange={(chosen) => onBy(chosen as CountedBy)}
        />
        {found.counted ? <Chart {...found.counted} /> : <p>Accesses to one token cannot be counted.</p>}
      </div>
      {found.entries.length > 0 && <EntryList entries={found.entries} onOpen={onOpen} />}
      <nav class="actions" aria-label="Pages of the list">
        <button type="button" class="quiet" disabled={busy || found.page === 0} onClick={() => turn(-1)}>
          Previous page
        </button>
        <button type="button" class="quiet" disabled={busy || !found.more} onClick={() => turn(1)}>
          Next page
        </button>
      </nav>
    </>
  );
}

function resultOf({ found, busy }: Searching): string {
  if (busy) return 'Searching …';
  if (!found) return '';
  const { entries, page, more } = found;
  const count = entries.length === 1 ? '1 entry' : `${entries.length} entries`;
  return `Page ${page + 1}: ${count}${more ? ', and more' : ''}.`;
}
