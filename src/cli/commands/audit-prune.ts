import { createReadStream } from 'node:fs';
import { verifierKeyOf } from '../../access-log/checkpointer.js';
import type { TrustedCheckpoint } from '../../access-log/offline/trusted-checkpoint.js';
import { verifyExport } from '../../access-log/offline/verify-export.js';
import { checkpointToPrune, finishPruning, pruneLog } from '../../access-log/prune.js';
import { openDatabase } from '../../startup/open-database.js';
import { type Config, variableOf } from '../../config.js';
import { createLogger } from '../../logger.js';
import { witnessesOf } from '../../startup/checkpoints.js';
import { logKeys } from '../../store/access-log/log-keys.js';
import { prunedSize } from '../../store/access-log/pruned.js';
import type { Database } from '../../store/database.js';
import { CommandError, type Terminal } from '../terminal.js';
import { withDatabase } from '../with-database.js';
import { runExport } from './audit-export.js';

const PIECE = 1024 * 1024;

/** What the command line says. */
export interface PruneOptions {
  readonly before?: Date;
  readonly export: string;
}

/**
 * Gives up entries that are past their retention: brings the export up to the newest checkpoint that covers only such entries, proves from the file alone that it holds them all, records it, and takes their bytes out of
 * the database. Throws {@link CommandError} where that is not possible; nothing is pruned then.
 */
export async function auditPrune(config: Config, options: PruneOptions, terminal: Terminal): Promise<void> {
  const before = limitOf(config['audit.retention'], options.before);
  const log = createLogger('error', terminal.stderr);
  await withDatabase(config, async (url) => {
    const database = openDatabase(config, url, log);
    try {
      await finishPruning(database);
      const keys = (await logKeys(database)).map(verifierKeyOf);
      const witnesses = witnessesOf(config, database).map(({ address }) => address.key);
      const checkpoint = await checkpointToPrune(database, before, { keys, witnesses });
      if (!checkpoint) {
        terminal.stdout.write('Nothing was pruned: no such checkpoint covers entries that old.\n');
        return;
      }
      const pruned = await prunedSize(database);
      await bringUpTo(database, checkpoint.size, options.export, terminal);
      await requireExported(options.export, checkpoint, pruned);
      await pruneLog(database, checkpoint.size);
      terminal.stdout.write(
        `Pruned the entries ${pruned} to ${checkpoint.size - 1}; their hashes stay. ${options.export} is now the only copy: keep it.\n`,
      );
    } finally {
      await database.close();
    }
  });
}

/** Before when entries may go. Throws {@link CommandError} where the settings keep them. */
function limitOf(retentionSeconds: number, before: Date | undefined): Date {
  const variable = variableOf('audit.retention');
  if (retentionSeconds === 0)
    throw new CommandError(`Everything is kept: ${variable} says how old an entry must be to be pruned.`);
  const limit = new Date(Date.now() - retentionSeconds * 1000);
  if (before && before > limit) throw new CommandError(`--before is within what ${variable} keeps.`);
  return before ?? limit;
}

async function bringUpTo(database: Database, to: number, out: string, terminal: Terminal): Promise<void> {
  const stop = new AbortController();
  void terminal.interrupted.then(() => stop.abort());
  await runExport(database, { format: 'jsonl', out, to, mayBeAhead: true }, terminal, stop.signal);
}

/** Throws {@link CommandError} unless the file holds every entry from `from` up to the checkpoint, as signed. */
async function requireExported(path: string, checkpoint: TrustedCheckpoint, from: number): Promise<void> {
  const file = createReadStream(path, { highWaterMark: PIECE });
  const found = await verifyExport(file, { checkpoint, earlier: [], unsignedTail: true });
  if (!found.ok)
    throw new CommandError(
      `Nothing was pruned: the export is WRONG at index ${found.index}: ${found.problem}.`,
    );
  if (found.from > from)
    throw new CommandError(`Nothing was pruned: the export begins at ${found.from}, the log at ${from}.`);
}
