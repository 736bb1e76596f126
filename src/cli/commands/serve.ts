import type { Logger } from 'winston';
import { startApp } from '../../app.js';
import { openDatabase } from '../../startup/open-database.js';
import { type Config, ConfigError, SETTINGS, variableOf } from '../../config.js';
import { databaseUrlOf } from '../../startup/database-url.js';
import { ignoredIn } from '../../ignored-settings.js';
import { createLogger } from '../../logger.js';
import { problemsOf } from '../../startup/production-rules.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../store/embedded/index.js';
import { postgresVersion, weakDurability } from '../../store/vault-identity.js';
import { CommandError, type Terminal } from '../terminal.js';
import { banner } from '../banner.js';

/** Oldest PostgreSQL the vault is made for. */
const OLDEST_POSTGRES = 15;

/**
 * Runs a vault until it is interrupted. In development mode without a database of yours it starts PostgreSQL first and stops it
 * last. Throws {@link ConfigError} with everything that stands against starting.
 */
export async function serve(config: Config, terminal: Terminal): Promise<void> {
  const output = config['log.destination'] === 'stderr' ? terminal.stderr : terminal.stdout;
  const log = createLogger(config['log.level'], output, {
    customer_identifier: config['log.customer_identifier'],
    customer_env: config['log.customer_env'],
    customer_region: config['log.customer_region'],
  });
  const ignored = ignoredIn(terminal.env);
  if (ignored.known.length > 0) log.info('accepted, without effect', { variables: ignored.known });
  if (ignored.unknown.length > 0) log.warn('unknown, without effect', { variables: ignored.unknown });
  const problems = problemsOf(config);
  const named = databaseUrlOf(config);
  if (named) problems.push(...(await databaseProblems(config, named, log)));
  if (problems.length > 0) throw new ConfigError(problems);

  const postgres = named ? null : await startEmbeddedPostgres({ dataDir: config.data_dir });
  try {
    const app = await startApp(config, named ?? postgres!.url, log).catch((error: unknown) => {
      throw listenProblem(config, error) ?? error;
    });
    try {
      terminal.stdout.write(banner(config, app.url));
      await Promise.race([terminal.interrupted, lost(postgres)]);
    } finally {
      await app.close();
    }
  } finally {
    await postgres?.stop();
  }
}

/** An address that cannot be listened on, said in a sentence; null for any other error. */
function listenProblem(config: Config, error: unknown): CommandError | null {
  const { syscall, code } = error as NodeJS.ErrnoException;
  if (syscall !== 'listen') return null;
  const path = 'service.listen_addr';
  const where = SETTINGS[path].kind.show(config[path]);
  const why = code === 'EADDRINUSE' ? 'it is in use by another program' : (code ?? 'unknown');
  return new CommandError(`Cannot listen on ${where}: ${why}. Set ${variableOf(path)}.`);
}

/** Rejects when the embedded PostgreSQL is gone for good; never settles otherwise. */
function lost(postgres: EmbeddedPostgres | null): Promise<never> {
  return new Promise((_resolve, reject) => {
    postgres?.onExit((reason) =>
      reject(new CommandError(`PostgreSQL stopped and did not come back: ${reason}`)),
    );
  });
}

async function databaseProblems(config: Config, url: string, log: Logger): Promise<string[]> {
  const database = openDatabase(config, url, log);
  try {
    const version = await postgresVersion(database);
    const weak = config.devmode ? [] : await weakDurability(database);
    return [
      ...(version < OLDEST_POSTGRES
        ? [`The database is PostgreSQL ${version}; ${OLDEST_POSTGRES} or newer is needed.`]
        : []),
      ...weak.map(
        (setting) => `The database has ${setting}: an acknowledged write could be lost. Set it to on.`,
      ),
    ];
  } catch {
    return ['The database that DATABASE_URL names cannot be reached.'];
  } finally {
    await database.close();
  }
}
