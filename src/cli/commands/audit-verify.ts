import { verifierKeyOf } from '../../access-log/checkpointer.js';
import { type Cosigned, verifyCosigned } from '../../access-log/verify-cosigned.js';
import { type Verification, verifyLog } from '../../access-log/verify.js';
import { Wrong } from '../../access-log/wrong.js';
import { openDatabase } from '../../startup/open-database.js';
import type { Config } from '../../config.js';
import { createLogger } from '../../logger.js';
import { logKeys } from '../../store/access-log/log-keys.js';
import type { Database } from '../../store/database.js';
import { CommandError, type Terminal } from '../terminal.js';
import { readCheckpoints } from '../trusted-files.js';
import { type TrustOptions, readTrust } from '../verification-files.js';
import { withDatabase } from '../with-database.js';

/** What the command line says. */
export interface VerifyOptions extends TrustOptions {
  readonly checkpoint?: string;
  readonly since?: readonly string[];
}

/**
 * Recomputes the access log's tree from its stored bytes and the projection from the bytes, and holds it against keys and checkpoints kept elsewhere. Throws {@link CommandError} naming the first
 * wrong position.
 */
export async function auditVerify(config: Config, options: VerifyOptions, terminal: Terminal): Promise<void> {
  const log = createLogger('error', terminal.stderr);
  const [found, cosigned] = await withDatabase(config, async (url) => {
    const database = openDatabase(config, url, log);
    try {
      return await verifyStored(database, options);
    } finally {
      await database.close();
    }
  });
  if (!found.ok) throw new CommandError(`The access log is WRONG at index ${found.index}: ${found.problem}.`);
  terminal.stdout.write(`The access log is intact: ${found.size} entries, root ${found.root}\n`);
  if (found.pruned !== undefined)
    terminal.stdout.write(`Pruned: the first ${found.pruned} entries, of which only the hashes are left\n`);
  for (const { name, size } of cosigned) terminal.stdout.write(`Cosigned by ${name} up to ${size} entries\n`);
}

async function verifyStored(
  database: Database,
  options: VerifyOptions,
): Promise<[Verification, readonly Cosigned[]]> {
  const given = readTrust(options);
  const files = [...(options.checkpoint === undefined ? [] : [options.checkpoint]), ...(options.since ?? [])];
  const keys = given.keys.length > 0 ? given.keys : (await logKeys(database)).map(verifierKeyOf);
  const checkpoints = await readCheckpoints(files, { ...given, keys });
  const found = await verifyLog(database, { known: { keys: given.keys, checkpoints } });
  if (!found.ok) return [found, []];
  try {
    return [found, await verifyCosigned(database, given.witnesses)];
  } catch (error) {
    if (error instanceof Wrong) return [{ ok: false, index: error.index, problem: error.problem }, []];
    throw error;
  }
}
