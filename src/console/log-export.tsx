import { useState } from 'preact/hooks';
import { Choice } from './filter-form.js';
import { saveAs } from './save-as.js';
import { ApiError, EXPORT_FORMATS, type ExportFormat, type VaultApi } from './vault-api.js';

const EVERYTHING = '';

/** The log itself, not what was found: its exact bytes for a verification elsewhere, or the form that a SIEM reads. */
export function LogExport({ api }: { readonly api: VaultApi }) {
  const [format, setFormat] = useState<ExportFormat>('jsonl');
  const [from, setFrom] = useState(EVERYTHING);
  const [limit, setLimit] = useState(EVERYTHING);
  const [state, setState] = useState<State>({});

  async function exportLog(): Promise<void> {
    setState({ busy: true, said: 'Exporting …' });
    try {
      const lines = await api.export(format, { from, limit });
      saveAs(lines, `access-log-from-${from === EVERYTHING ? 'start' : from}.${format}`);
      setState({ said: `Exported ${lines.size} bytes.` });
    } catch (error) {
      setState({ problem: error instanceof ApiError ? error.message : 'The export broke off.' });
    }
  }

  return (
    <form
      aria-label="Export the log"
      onSubmit={(event) => {
        event.preventDefault();
        void exportLog();
      }}
    >
      <div class="fields">
        <Choice
          id="export-format"
          label="Format"
          value={format}
          choices={EXPORT_FORMATS}
          onChange={(chosen) => setFormat(chosen as ExportFormat)}
        />
        <Position id="export-from" label="First position" hint="empty: the beginning" onChange={setFrom} />
        <Position id="export-limit" label="Most entries" hint="empty: up to the end" onChange={setLimit} />
      </div>
      <div class="actions">
        <button type="submit" class="quiet" disabled={state.busy}>
          Export the log
        </button>
      </div>
      <p role="status">{state.said}</p>
      <p role="alert" class="problem">
        {state.problem}
      </p>
    </form>
  );
}

interface State {
  readonly busy?: boolean;
  readonly said?: string;
  readonly problem?: string;
}

interface PositionProps {
  readonly id: string;
  readonly label: string;
  readonly hint: string;
  onChange(value: string): void;
}

function Position({ id, label, hint, onChange }: PositionProps) {
  return (
    <p class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="text"
        inputMode="numeric"
        pattern="[0-9]*"
        autocomplete="off"
        aria-describedby={`${id}-hint`}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
      <span id={`${id}-hint`} class="hint">
        {hint}
      </span>
    </p>
  );
}
