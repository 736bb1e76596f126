import { useState } from 'preact/hooks';
import { FILTERS, FILTER_NAMES, type FilterField, type FilterName, type Filters } from './filters.js';

export const LIMITS = ['25', '100', '500', '1000'] as const;

/** What is asked for: the filters and how the list is cut. */
export interface Search {
  readonly filters: Filters;
  readonly order: 'newest' | 'oldest';
  readonly limit: (typeof LIMITS)[number];
}

export const EVERYTHING: Search = { filters: {}, order: 'newest', limit: '25' };

interface Props {
  readonly busy: boolean;
  onSearch(search: Search): void;
}

/** The form with all filters. Nothing of it goes into the address of the page. */
export function FilterForm({ busy, onSearch }: Props) {
  const [search, setSearch] = useState(EVERYTHING);
  const set = (name: FilterName, value: string): void =>
    setSearch((now) => ({ ...now, filters: { ...now.filters, [name]: value } }));
  const fields = (common: boolean) =>
    FILTER_NAMES.filter((name) => FILTERS[name].common === common).map((name) => (
      <Field
        key={name}
        name={name}
        value={search.filters[name] ?? ''}
        onChange={(value) => set(name, value)}
      />
    ));

  return (
    <form
      class="panel"
      aria-label="Search the access log"
      onSubmit={(event) => {
        event.preventDefault();
        onSearch(search);
      }}
    >
      <div class="fields">{fields(true)}</div>
      <details>
        <summary>More filters</summary>
        <div class="fields">{fields(false)}</div>
      </details>
      <div class="fields">
        <Choice
          id="order"
          label="Order"
          value={search.order}
          choices={['newest', 'oldest']}
          onChange={(order) => setSearch((now) => ({ ...now, order: order as Search['order'] }))}
        />
        <Choice
          id="limit"
          label="Entries on a page"
          value={search.limit}
          choices={LIMITS}
          onChange={(limit) => setSearch((now) => ({ ...now, limit: limit as Search['limit'] }))}
        />
      </div>
      <div class="actions">
        <button type="submit" disabled={busy}>
          Search
        </button>
        <button
          type="button"
          class="quiet"
          onClick={() => {
            setSearch(EVERYTHING);
            onSearch(EVERYTHING);
          }}
        >
          Clear
        </button>
      </div>
    </form>
  );
}

interface FieldProps {
  readonly name: FilterName;
  readonly value: string;
  onChange(value: string): void;
}

function Field({ name, value, onChange }: FieldProps) {
  const { label, hint, kind }: FilterField = FILTERS[name];
  const id = `filter-${name}`;
  if (typeof kind !== 'string') {
    return <Choice id={id} label={label} value={value} choices={kind} none="any" onChange={onChange} />;
  }
  return (
    <p class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type={kind === 'moment' ? 'datetime-local' : 'text'}
        step={kind === 'moment' ? 1 : undefined}
        value={value}
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
      {hint && (
        <span id={`${id}-hint`} class="hint">
          {hint}
        </span>
      )}
    </p>
  );
}

interface ChoiceProps {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly choices: readonly string[];
  /** What stands for no choice, where there may be none. */
  readonly none?: string;
  onChange(value: string): void;
}

/** One of a list. */
export function Choice({ id, label, value, choices, none, onChange }: ChoiceProps) {
  return (
    <p class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {none !== undefined && <option value="">{none}</option>}
        {choices.map((choice) => (
          <option key={choice} value={choice}>
            {choice}
          </option>
        ))}
      </select>
    </p>
  );
}
