import { rebuildProjection } from '../../access-log/projector.js';
import { openDatabase } from '../../startup/open-database.js';
import type { Config } from '../../config.js';
import { createLogger } from '../../logger.js';
import { projectedSize } from '../../store/access-log/projection.js';
import type { Terminal } from '../terminal.js';
import { withDatabase } from '../with-database.js';

/** Makes the access log's projection anew from its bytes: the way back after `audit verify` found it edited. Queries wait meanwhile. */
export async function auditRebuild(config: Config, terminal: Terminal): Promise<void> {
  const log = createLogger('error', terminal.stderr);
  const size = await withDatabase(config, async (url) => {
    const database = openDatabase(config, url, log);
    try {
      await rebuildProjection(database);
      return await projectedSize(database);
    } finally {
      await database.close();
    }
  });
  terminal.stdout.write(`The projection was made anew: ${size} entries\n`);
}
