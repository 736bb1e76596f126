import { useCallback, useRef, useState } from 'preact/hooks';
import type { Search } from './filter-form.js';
import { filtersOf } from './filters.js';
import { ApiError, type AuditCount, type AuditEntry, type AuditQuery, type VaultApi } from './vault-api.js';

export type CountedBy = 'hour' | 'user' | 'property' | 'operation';

/** A chart's numbers. */
export interface Counted {
  readonly by: CountedBy;
  readonly counts: readonly AuditCount[];
  readonly counted: number;
  readonly complete: boolean;
}

/** What the last search found. */
export interface Found {
  readonly search: Search;
  readonly entries: readonly AuditEntry[];
  readonly page: number;
  readonly more: boolean;
  /** Null where the API cannot count so: by token. */
  readonly counted: Counted | null;
}

/** Searching: what was found, whether one is under way, what went wrong, and the ways to go on. */
export interface Searching {
  readonly found: Found | null;
  readonly busy: boolean;
  readonly problem: string;
  start(search: Search, by: CountedBy): void;
  turn(by: 1 | -1): void;
  recount(by: CountedBy): void;
}

/** Runs searches against the vault. The answer to one that was overtaken by another is dropped. */
export function useSearch(api: VaultApi): Searching {
  const [found, setFound] = useState<Found | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const newest = useRef(0);
  /** The cursors of the pages so far; the first page has none. */
  const cursors = useRef<string[]>(['']);

  const run = useCallback(async (work: () => Promise<Found>) => {
    const mine = ++newest.current;
    setBusy(true);
    setProblem('');
    try {
      const result = await work();
      if (mine === newest.current) setFound(result);
    } catch (error) {
      if (mine === newest.current) {
        setProblem(error instanceof ApiError ? error.message : 'What the vault answered cannot be read.');
      }
    }
    if (mine === newest.current) setBusy(false);
  }, []);

  const readPage = async (
    search: Search,
    page: number,
  ): Promise<Pick<Found, 'entries' | 'page' | 'more'>> => {
    const cursor = cursors.current[page];
    const query = {
      ...filtersOf(search.filters),
      order: search.order,
      limit: Number(search.limit),
    } as AuditQuery;
    const { entries, cursor: next } = await api.query(cursor ? { ...query, cursor } : query);
    cursors.current[page + 1] = next;
    return { entries, page, more: next !== '' };
  };

  const count = async (search: Search, by: CountedBy): Promise<Counted | null> => {
    const filters = filtersOf(search.filters);
    if (filters.token_id !== undefined) return null;
    return { by, ...(await api.counts(by, filters)) };
  };

  return {
    found,
    busy,
    problem,
    start: (search, by) =>
      void run(async () => {
        cursors.current = [''];
        return { search, ...(await readPage(search, 0)), counted: await count(search, by) };
      }),
    turn: (step) =>
      void (found && run(async () => ({ ...found, ...(await readPage(found.search, found.page + step)) }))),
    recount: (by) => void (found && run(async () => ({ ...found, counted: await count(found.search, by) }))),
  };
}
