import type { QueryResultRow } from 'pg';
import { VaultError } from '../errors.js';
import { Batches } from './batches.js';
import type { Statement } from './database.js';
import { ReferenceViolation, UniqueViolation } from './database-errors.js';
import { mergeStatements } from './merge-statements.js';

/** Statements that become one. */
const MOST_MERGED = 100;
/** A statement of more items runs alone: nobody is to wait for somebody else's thousand rows. */
const MOST_ITEMS = 20;

/** How a statement becomes one with others of its name: the many write exactly what each would have written, and each is given the rows of all. */
export interface Mergeable<Item> {
  readonly items: readonly Item[];
  merge(items: readonly Item[]): Statement;
}

/** The statements a database is given, each by itself. */
type Run = (statement: Statement) => Promise<QueryResultRow[]>;

/**
 * Runs writes of one kind that come at about the same time as one statement, so that they share its commit, which is most of what a small
 * write costs. Each resolves when it is durable. Where one of them violates a constraint none was written: then each is run alone,
 * and only the one that is to blame fails.
 */
export class MergedWrites {
  readonly #run: Run;
  readonly #byName = new Map<string, Batches<Statement, QueryResultRow[]>>();

  constructor(run: Run) {
    this.#run = run;
  }

  /** Runs a statement, together with others where it may be. */
  add(statement: Statement): Promise<QueryResultRow[]> {
    if (!statement.mergeable || statement.mergeable.items.length > MOST_ITEMS) return this.#run(statement);
    let batches = this.#byName.get(statement.name);
    if (!batches) {
      batches = new Batches((statements) => this.#write(statements), MOST_MERGED);
      this.#byName.set(statement.name, batches);
    }
    return batches.add(statement);
  }

  async #write(statements: readonly Statement[]): Promise<(QueryResultRow[] | Promise<QueryResultRow[]>)[]> {
    const [first] = statements;
    if (!first?.mergeable || statements.length === 1) return statements.map(this.#run);
    try {
      // Of rows that tell what was written each caller looks for its own.
      const rows = await this.#run(mergeStatements(statements));
      return statements.map(() => rows);
    } catch (error) {
      if (!isRolledBack(error)) throw error;
      return statements.map(this.#run);
    }
  }
}

/** After a broken connection nobody knows what was written; after these, nothing was. */
function isRolledBack(error: unknown): boolean {
  if (error instanceof UniqueViolation || error instanceof ReferenceViolation) return true;
  return error instanceof VaultError && error.code === 'PV1009';
}
