import { onProjection } from '../../access-log/projector.js';
import { VaultError } from '../../errors.js';
import type { components } from '../../generated/api.js';
import type { LogFilter } from '../../store/access-log/log-filter.js';
import type { LogOrder } from '../../store/access-log/places.js';
import { searchProjection } from '../../store/access-log/search.js';
import type { LogRow } from '../../store/access-log/read.js';
import type { Call } from '../call.js';
import type { Vault } from '../vault.js';
import { presentEntry } from './present-entry.js';
import { type PageProofs, provePage } from './prove-page.js';

/** Entries of a page where the request does not say how many. */
export const DEFAULT_LIMIT = 100;
/** Entries that are proved in one request. */
const MOST_PROVED = 100;

/** What a page is asked by. */
export interface AskedPage {
  readonly order?: LogOrder;
  readonly limit?: number;
  readonly cursor?: string;
  readonly proofs?: boolean;
}

/** Rows of a page, and the cursor of the next; empty on the last. */
export interface Page {
  readonly rows: readonly LogRow[];
  readonly cursor: string;
  /** There where proofs were asked for and there is a row. */
  readonly proofs?: PageProofs;
}

/**
 * Records that the log is read, then reads a page of it, which covers everything that was recorded up to then. Throws PV9005 for a cursor of another request or
 * another caller, and PV9007 for a page too large for proofs.
 */
export async function readPage(call: Call, vault: Vault, filter: LogFilter, asked: AskedPage): Promise<Page> {
  const { order = 'newest', limit = DEFAULT_LIMIT } = asked;
  if (asked.proofs && limit > MOST_PROVED) throw new VaultError('PV9007', { field: 'limit' });
  const { after, cursorAt } = bookmark(call, vault, [filter, order], asked.cursor);

  await call.record({ outcome: 'allowed' });
  // One more than the page says whether there is another.
  const rows = await onProjection(vault.database, (size) =>
    searchProjection(vault.database, size, filter, { order, after, limit: limit + 1 }),
  );
  const shown = rows.slice(0, limit);
  const proofs = asked.proofs && shown.length > 0 ? await provePage(vault, shown) : undefined;
  return {
    rows: shown,
    ...(proofs && { proofs }),
    cursor: rows.length > limit ? cursorAt(shown.at(-1)!.index) : '',
  };
}

/** The page as auditors get it. */
export function presentPage({ rows, cursor, proofs }: Page): components['schemas']['AuditPage'] {
  if (!proofs) return { entries: rows.map(presentEntry), cursor };
  const entries = rows.map((row, i) => ({
    ...presentEntry(row),
    bytes: row.bytes.toString('base64'),
    proof: proofs.ofRows[i]!,
  }));
  return { entries, cursor, checkpoint: proofs.checkpoint };
}

/** The position that a cursor tells, and how one is made for a position. It fits these parameters and this caller only. */
export function bookmark(
  call: Call,
  vault: Vault,
  parameters: unknown,
  cursor: string | undefined,
): { readonly after: number | null; cursorAt(index: number): string } {
  const bound = JSON.stringify([call.operation, call.principal.user, parameters]);
  const { lookup } = vault.keyring;
  return {
    after: cursor ? Number(lookup.readCursor(bound, cursor)) : null,
    cursorAt: (index) => lookup.cursor(bound, index),
  };
}
