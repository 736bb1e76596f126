import type { Statement } from './database.js';

/**
 * The one statement that writes what several of one kind would have written; where each must return so many rows, it must return as many as all of them. Throws a TypeError
 * where they cannot be merged.
 */
export function mergeStatements(statements: readonly Statement[]): Statement {
  const [first] = statements;
  if (!first?.mergeable) throw new TypeError('statements that can be merged are needed');
  const merged = first.mergeable.merge(statements.flatMap(({ mergeable }) => mergeable?.items ?? []));
  if (first.mustReturn === undefined) return merged;
  return { ...merged, mustReturn: statements.reduce((sum, { mustReturn = 0 }) => sum + mustReturn, 0) };
}
