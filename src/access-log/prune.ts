import { VaultError } from '../errors.js';
import { checkpointAt, cosignaturesOf } from '../store/access-log/checkpoints.js';
import { readLogHead } from '../store/access-log/append.js';
import {
  PRUNED_AT_A_TIME,
  announcePruning,
  checkpointSizes,
  firstNotBefore,
  firstToPrune,
  pruneEntries,
  prunedSize,
} from '../store/access-log/pruned.js';
import type { Database } from '../store/database.js';
import { NoteError, type VerifierKey } from './note.js';
import { type TrustedCheckpoint, readTrusted, requireCosigned } from './offline/trusted-checkpoint.js';
import { catchUp } from './projector.js';
import { recordCommand } from './record-command.js';
import { AccessLog } from './writer.js';

/** Whose signatures a checkpoint must have before what it covers is given up. */
export interface PruningTrust {
  readonly keys: readonly VerifierKey[];
  readonly witnesses: readonly VerifierKey[];
}

/**
 * The largest checkpoint that covers only entries older than `before`, signed by the log and cosigned by every witness; null where there is none behind what was pruned already. What witnesses have
 * not seen is not given up: it might be all there is to show that somebody rewrote it.
 */
export async function checkpointToPrune(
  database: Database,
  before: Date,
  trust: PruningTrust,
): Promise<TrustedCheckpoint | null> {
  await catchUp(database);
  const end = (await firstNotBefore(database, before)) ?? (await readLogHead(database)).size;
  for (const size of await checkpointSizes(database, await prunedSize(database), end)) {
    const [stored, cosignatures] = [await checkpointAt(database, size), await cosignaturesOf(database, size)];
    if (!stored) continue;
    try {
      const note = stored.note + cosignatures.map(({ line }) => line).join('');
      const checkpoint = readTrusted(note, trust);
      requireCosigned(checkpoint, trust);
      if (checkpoint.size === size) return checkpoint;
    } catch (error) {
      if (!(error instanceof NoteError)) throw error;
    }
  }
  return null;
}

/**
 * Gives up the bytes, texts and projection of the first `upTo` entries, which a checkpoint must cover and an export must hold: that is for the caller to make sure of. Recorded before anything
 * goes; taken up by the next run where it is interrupted.
 */
export async function pruneLog(database: Database, upTo: number): Promise<void> {
  const from = await prunedSize(database);
  if (upTo <= from) throw new VaultError('PV9081', {}, 'these entries were pruned already');
  // What is not projected yet could not be any more.
  await catchUp(database);
  const entry = await recordCommand(new AccessLog(database), 'pruneAuditLog', { range: [from, upTo] });
  await announcePruning(database, upTo, entry);
  await finishPruning(database);
}

/** Takes the bytes from all entries that were given up. Safe to run again and by several at once. */
export async function finishPruning(database: Database): Promise<void> {
  const upTo = await prunedSize(database);
  for (let at: number | null = 0; (at = await firstToPrune(database, at, upTo)) !== null;) {
    await database.commit(pruneEntries(at, Math.min(at + PRUNED_AT_A_TIME, upTo)));
  }
}
