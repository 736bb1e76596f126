import type { Config } from '../config.js';
import { databaseUrlOf } from '../startup/database-url.js';
import { findEmbeddedPostgres, startEmbeddedPostgres } from '../store/embedded/index.js';

/**
 * Runs `work` with the database that a server with these settings uses: the one they name, else the embedded one, which is
 * started for the time being where it is not running.
 */
export async function withDatabase<T>(config: Config, work: (url: string) => Promise<T>): Promise<T> {
  const url = databaseUrlOf(config) ?? (await findEmbeddedPostgres(config.data_dir))?.url;
  if (url) return work(url);

  const postgres = await startEmbeddedPostgres({ dataDir: config.data_dir });
  try {
    return await work(postgres.url);
  } finally {
    await postgres.stop();
  }
}
