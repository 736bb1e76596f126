import { verifyLog } from '../../access-log/verify.js';
import { openDatabase } from '../../app.js';
import type { Config } from '../../config.js';
import { createLogger } from '../../logger.js';
import { CommandError, type Terminal } from '../terminal.js';
import { withDatabase } from '../with-database.js';

/**
 * Recomputes the access log's tree from its stored bytes and the projection from the bytes. Throws {@link CommandError} naming the first
 * wrong position.
 */
export async function auditVerify(config: Config, terminal: Terminal): Promise<void> {
  const log = createLogger('error', terminal.stderr);
  const found = await withDatabase(config, async (url) => {
    const database = openDatabase(config, url, log);
    try {
      return await verifyLog(database);
    } finally {
      await database.close();
    }
  });
  if (!found.ok) throw new CommandError(`The access log is WRONG at index ${found.index}: ${found.problem}.`);
  terminal.stdout.write(`The access log is intact: ${found.size} entries, root ${found.root}\n`);
}
