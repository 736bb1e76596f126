import type { Statement } from './database.js';

/** The one statement that writes what several of one kind would have written. Throws a TypeError where they cannot be merged. */
export function mergeStatements(statements: readonly Statement[]): Statement {
  const [first] = statements;
  if (!first?.mergeable) throw new TypeError('statements that can be merged are needed');
  return first.mergeable.merge(statements.flatMap(({ mergeable }) => mergeable?.items ?? []));
}
