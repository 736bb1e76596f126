import { openDatabase } from '../../startup/open-database.js';
import type { Config } from '../../config.js';
import { Keyring } from '../../crypto/index.js';
import { createLogger } from '../../logger.js';
import { rewrapObjectKeys } from '../../operations/keys/rewrap-object-keys.js';
import { epochsOf } from '../../startup/root-keys.js';
import { keystoreTables } from '../../store/keystore-tables.js';
import { startRewrap } from '../../store/rewrap-keys.js';
import { CommandError, type Terminal } from '../terminal.js';
import { withDatabase } from '../with-database.js';

/**
 * Wraps by the active keyset versions every object key that an earlier one wrapped, from the first to the last, while the vault may be running.
 * Stopped on the way, a running vault goes on from there. Throws {@link CommandError} where keys do not open.
 */
export async function keysRewrap(config: Config, terminal: Terminal): Promise<void> {
  let stopping = false;
  void terminal.interrupted.then(() => (stopping = true));
  const log = createLogger('error', terminal.stderr);

  const { wrapped, damaged, done } = await withDatabase(config, async (url) => {
    const database = openDatabase(config, url, log);
    try {
      const epochs = await epochsOf(config, { create: false });
      const keyring = await Keyring.unlock(keystoreTables(database), epochs);
      await database.run(startRewrap());
      return await rewrapObjectKeys({ database, keyring }, { early: true, stopped: () => stopping });
    } finally {
      await database.close();
    }
  });
  terminal.stdout.write(`Wrapped ${wrapped} keys anew${done ? '' : ', not all of them yet'}.\n`);
  if (damaged > 0) {
    throw new CommandError(`${damaged} keys do not open and were left as they are: their data is damaged.`);
  }
}
