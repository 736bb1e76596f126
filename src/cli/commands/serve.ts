import cluster from 'node:cluster';
import type { Logger } from 'winston';
import { openDatabase } from '../../startup/open-database.js';
import { type Config, ConfigError } from '../../config.js';
import { databaseUrlOf } from '../../startup/database-url.js';
import { ignoredIn } from '../../ignored-settings.js';
import { problemsOf } from '../../startup/production-rules.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../store/embedded/index.js';
import { postgresVersion, weakDurability } from '../../store/vault-identity.js';
import { CommandError, type Terminal } from '../terminal.js';
import { banner } from '../banner.js';
import { openLog } from './open-log.js';
import { serveAsWorker } from './serve-as-worker.js';
import { startListening } from './start-listening.js';
import { type Serving, startWorkers } from './start-workers.js';

/** Oldest PostgreSQL the vault is made for. */
const OLDEST_POSTGRES = 15;

/**
 * Runs a vault until it is interrupted. In development mode without a database of yours it starts PostgreSQL first and stops it
 * last. With several workers this process starts them and serves nothing itself. Throws {@link ConfigError} with everything that stands
 * against starting.
 */
export async function serve(config: Config, terminal: Terminal): Promise<void> {
  if (cluster.worker) return serveAsWorker(config, terminal, cluster.worker);
  const log = openLog(config, terminal);
  const ignored = ignoredIn(terminal.env);
  if (ignored.known.length > 0) log.info('accepted, without effect', { variables: ignored.known });
  if (ignored.unknown.length > 0) log.warn('unknown, without effect', { variables: ignored.unknown });
  const problems = problemsOf(config);
  const named = databaseUrlOf(config);
  if (named) problems.push(...(await databaseProblems(config, named, log)));
  if (problems.length > 0) throw new ConfigError(problems);

  const postgres = named ? null : await startEmbeddedPostgres({ dataDir: config.data_dir });
  try {
    const start = config['service.workers'] > 1 ? startWorkers : startAlone;
    const serving = await start(config, named ?? postgres!.url, log, terminal);
    if (serving === null) return;
    try {
      terminal.stdout.write(banner(config, serving.url));
      await Promise.race([terminal.interrupted, lost(postgres), serving.lost]);
    } finally {
      await serving.close();
    }
  } finally {
    await postgres?.stop();
  }
}

async function startAlone(config: Config, databaseUrl: string, log: Logger): Promise<Serving> {
  const app = await startListening(config, databaseUrl, log);
  return { url: app.url, lost: new Promise(() => undefined), close: () => app.close() };
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
