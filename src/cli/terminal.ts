import { OperatorError, VaultError } from '../errors.js';

/** What a command may use of the process it runs in. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  /** Resolves at the first SIGINT, SIGTERM or SIGHUP. */
  readonly interrupted: Promise<void>;
}

/** A command that cannot go on. */
export class CommandError extends OperatorError {
  override readonly name = 'CommandError';
}

/** What is said to the operator of an error that ends a command; null for a fault of ours. */
export function messageOf(error: unknown): string | null {
  if (!(error instanceof OperatorError || error instanceof VaultError)) return null;
  const detail = error instanceof VaultError && error.detail !== undefined ? ` (${error.detail})` : '';
  return `${error.message}${detail}`;
}
