import { OperatorError } from '../../errors.js';

/** The embedded database cannot be used; the message is one line, names the directory and says what to do. */
export class EmbeddedPostgresError extends OperatorError {
  override readonly name = 'EmbeddedPostgresError';
}

/** The system's code of a failed call (`ENOENT`, `EACCES`, ...), or undefined for anything else. */
export function systemErrorCode(error: unknown): string | undefined {
  // Not `instanceof Error`: a test runner gives each file an Error of its own, and the system's is not that one.
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
