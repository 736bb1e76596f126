import type { Config } from '../../config.js';
import { migrate } from '../../store/migrations/migrate.js';
import type { Terminal } from '../terminal.js';
import { withDatabase } from '../with-database.js';

/** Brings the database to this program's version and says what was applied. */
export async function migrateCommand(config: Config, terminal: Terminal): Promise<void> {
  const { applied } = await withDatabase(config, (url) => migrate(url));
  terminal.stdout.write(
    applied.length === 0 ? 'The database is up to date.\n' : `Applied ${applied.join(', ')}.\n`,
  );
}
