import { OperatorError } from '../errors.js';

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
