import { Checkpointer, verifierKeyOf } from '../../access-log/checkpointer.js';
import { formatVerifierKey, isKeyName } from '../../access-log/note.js';
import { recordCommand } from '../../access-log/record-command.js';
import { AccessLog } from '../../access-log/writer.js';
import { type Config, variableOf } from '../../config.js';
import { Keyring } from '../../crypto/index.js';
import { createLogger } from '../../logger.js';
import { openDatabase } from '../../startup/open-database.js';
import { epochsOf } from '../../startup/root-keys.js';
import { logKeys } from '../../store/access-log/log-keys.js';
import { keystoreTables } from '../../store/keystore-tables.js';
import { CommandError, type Terminal } from '../terminal.js';
import { withDatabase } from '../with-database.js';

/** What the command line says. */
export interface RenameOptions {
  readonly origin: string;
}

/**
 * Gives the access log another name and a key of its own, after its database was put back to a backup; the vault may be running. Recorded before. Throws {@link CommandError} for a name that cannot be
 * one, and for one that the log had before: by that it is known to be longer.
 */
export async function auditRename(
  config: Config,
  { origin }: RenameOptions,
  terminal: Terminal,
): Promise<void> {
  if (!isKeyName(origin)) throw new CommandError('--origin must have neither white space nor a plus sign.');
  const log = createLogger('error', terminal.stderr);
  const key = await withDatabase(config, async (url) => {
    const database = openDatabase(config, url, log);
    try {
      const epochs = await epochsOf(config, { create: false });
      const keyring = await Keyring.unlock(keystoreTables(database), epochs);
      const before = await logKeys(database);
      if (before.length === 0)
        throw new CommandError(
          `The log has no name yet: a vault that is started gives it the one in ${variableOf('audit.origin')}.`,
        );
      if (before.some((each) => each.origin === origin)) throw hadItBefore();
      await recordCommand(new AccessLog(database), 'renameAuditLog', { rule: origin });
      const renamed = await new Checkpointer(database, keyring, origin).rename(origin);
      if (!renamed) throw hadItBefore();
      return renamed;
    } finally {
      await database.close();
    }
  });
  terminal.stdout.write(
    `The log is ${key.origin} from its next entry on. Its witnesses and auditors need its new key:\n${formatVerifierKey(verifierKeyOf(key))}\n`,
  );
}

function hadItBefore(): CommandError {
  return new CommandError('The log has, or had, this name already: it needs another one.');
}
