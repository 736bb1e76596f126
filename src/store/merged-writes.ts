import type { QueryResultRow } from 'pg';
import { VaultError } from '../errors.js';
import { Batches } from './batches.js';
import type { Statement } from './database.js';
import { isRefused } from './database-errors.js';
import { mergeStatements } from './merge-statements.js';

/** Writes that become one. */
const MOST_MERGED = 100;
/** A write of more items is committed alone: nobody is to wait for somebody else's thousand rows. */
const MOST_ITEMS = 20;

/** How a statement becomes one with others of its name: the many write exactly what each would have written, and each is given the rows of all. */
export interface Mergeable<Item> {
  readonly items: readonly Item[];
  merge(items: readonly Item[]): Statement;
}

/** Commits statements in one transaction; gives the rows of each. */
type Commit = (statements: readonly Statement[]) => Promise<QueryResultRow[][]>;

/**
 * Commits writes of one kind that come at about the same time as one, so that they share their statements and the commit, which is most of what a small
 * write costs. Each resolves when it is durable. Where one of them violates a constraint, or does not return the rows it must, none was written: then each is committed
 * alone, and only the one that is to blame fails.
 */
export class MergedWrites {
  readonly #commit: Commit;
  readonly #byKind = new Map<string, Batches<readonly Statement[], QueryResultRow[][]>>();

  constructor(commit: Commit) {
    this.#commit = commit;
  }

  /** Commits statements, each together with those of its name where all of them may be: in their order, then, and each is given the rows of all. */
  add(statements: readonly Statement[]): Promise<QueryResultRow[][]> {
    if (statements.length === 0 || !statements.every(isSmall)) return this.#commit(statements);
    const kind = statements.map(({ name }) => name).join();
    let batches = this.#byKind.get(kind);
    if (!batches) {
      batches = new Batches((writes) => this.#write(writes), MOST_MERGED);
      this.#byKind.set(kind, batches);
    }
    return batches.add(statements);
  }

  async #write(
    writes: readonly (readonly Statement[])[],
  ): Promise<(QueryResultRow[][] | Promise<QueryResultRow[][]>)[]> {
    const [first] = writes;
    if (!first || writes.length === 1) return writes.map(this.#commit);
    try {
      // Of rows that tell what was written each caller looks for its own.
      const rows = await this.#commit(first.map((_, i) => mergeStatements(writes.map((own) => own[i]!))));
      return writes.map(() => rows);
    } catch (error) {
      if (!isRolledBack(error)) throw error;
      return writes.map(this.#commit);
    }
  }
}

function isSmall({ mergeable }: Statement): boolean {
  return mergeable !== undefined && mergeable.items.length <= MOST_ITEMS;
}

/** After a broken connection nobody knows what was written; after these, nothing was. */
function isRolledBack(error: unknown): boolean {
  return isRefused(error) || (error instanceof VaultError && error.code === 'PV1009');
}
