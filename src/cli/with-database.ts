import type { Config } from '../config.js';
import { databaseUrlOf } from '../startup/database-url.js';
import { databaseCodeOf } from '../store/database-errors.js';
import { findEmbeddedPostgres, startEmbeddedPostgres } from '../store/embedded/index.js';
import { CommandError } from './terminal.js';

/** A table, column, function or schema is missing. */
const LACKING: ReadonlySet<string | undefined> = new Set(['42P01', '42703', '42883', '3F000']);

/**
 * Runs `work` with the database that a server with these settings uses: the one they name, else the embedded one, which is
 * started for the time being where it is not running. Throws {@link CommandError} for one that this program's vault is not in.
 */
export async function withDatabase<T>(config: Config, work: (url: string) => Promise<T>): Promise<T> {
  try {
    return await onDatabase(config, work);
  } catch (error) {
    if (!LACKING.has(databaseCodeOf(error))) throw error;
    throw new CommandError(
      `The database has no vault of this version in it. ${whichOf(config)} Where it is the right one, run \`coatcheck migrate\`.`,
    );
  }
}

function whichOf(config: Config): string {
  return databaseUrlOf(config) === null
    ? `It is the one in ${config.data_dir}, because DATABASE_URL is not set.`
    : 'It is the one that the settings name.';
}

async function onDatabase<T>(config: Config, work: (url: string) => Promise<T>): Promise<T> {
  const url = databaseUrlOf(config) ?? (await findEmbeddedPostgres(config.data_dir))?.url;
  if (url) return work(url);

  const postgres = await startEmbeddedPostgres({ dataDir: config.data_dir });
  try {
    return await work(postgres.url);
  } finally {
    await postgres.stop();
  }
}
