import type { Logger } from 'winston';
import { type App, type WorkerPlace, startApp } from '../../app.js';
import { type Config, SETTINGS, variableOf } from '../../config.js';
import { CommandError } from '../terminal.js';

/** Starts a vault as `startApp` does; an address that cannot be listened on is a {@link CommandError}. */
export async function startListening(
  config: Config,
  databaseUrl: string,
  log: Logger,
  worker: WorkerPlace | null = null,
): Promise<App> {
  try {
    return await startApp(config, databaseUrl, log, worker);
  } catch (error) {
    throw listenProblem(config, error) ?? error;
  }
}

/** An address that cannot be listened on, said in a sentence; null for any other error. */
function listenProblem(config: Config, error: unknown): CommandError | null {
  const { syscall, code } = error as NodeJS.ErrnoException;
  // In a worker the call is named by the primary, which makes it.
  if (syscall !== 'listen' && syscall !== 'bind') return null;
  const path = 'service.listen_addr';
  const where = SETTINGS[path].kind.show(config[path]);
  const why = code === 'EADDRINUSE' ? 'it is in use by another program' : (code ?? 'unknown');
  return new CommandError(`Cannot listen on ${where}: ${why}. Set ${variableOf(path)}.`);
}
