import { createReadStream } from 'node:fs';
import { requireCosigned } from '../../access-log/offline/trusted-checkpoint.js';
import { verifyExport } from '../../access-log/offline/verify-export.js';
import { CommandError, type Terminal } from '../terminal.js';
import { checkNote, readCheckpoints } from '../trusted-files.js';
import { type TrustOptions, readTrust } from '../verification-files.js';

/** Read at a time: large, so that little is spent on what lies between two pieces. */
const PIECE = 1024 * 1024;

/** What the command line says. */
export interface VerifyExportOptions extends TrustOptions {
  readonly export: string;
  readonly checkpoint?: string;
  readonly since?: readonly string[];
  readonly unsignedTail?: boolean;
}

/**
 * Verifies an export with nothing but files and keys: no database, no network, no settings. Throws {@link CommandError} naming the first wrong position, or what is wrong with a
 * checkpoint.
 */
export async function auditVerifyExport(options: VerifyExportOptions, terminal: Terminal): Promise<void> {
  if (options.checkpoint === undefined || !options.key?.length)
    throw new CommandError('An export is verified against --checkpoint FILE, signed by --key VKEY.');
  const trust = readTrust(options);
  const given = await readCheckpoints([options.checkpoint], trust);
  const checkpoint = given.reduce((newest, each) => (each.size > newest.size ? each : newest));
  checkNote(options.checkpoint, () => requireCosigned(checkpoint, trust));
  const earlier = [...given, ...(await readCheckpoints(options.since ?? [], trust))].filter(
    (each) => each !== checkpoint,
  );
  for (const { origin, size } of earlier) {
    if (origin !== checkpoint.origin) throw new CommandError('--since is a checkpoint of another log.');
    if (size > checkpoint.size) throw new CommandError('--since is newer than --checkpoint.');
  }

  const file = createReadStream(options.export, { highWaterMark: PIECE });
  const found = await verifyExport(file, {
    checkpoint,
    earlier,
    unsignedTail: options.unsignedTail ?? false,
  }).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    if (typeof code !== 'string') throw error;
    throw new CommandError(`Cannot read ${options.export}: ${code}.`);
  });
  if (!found.ok) throw new CommandError(`The export is WRONG at index ${found.index}: ${found.problem}.`);

  const { from, size, root, unsigned } = found;
  const range = from === 0 ? `${size} entries` : `entries ${from} to ${size - 1}`;
  terminal.stdout.write(`The export is intact: ${range} of ${checkpoint.origin}, root ${root}\n`);
  for (const { name } of checkpoint.cosigners) terminal.stdout.write(`Cosigned by ${name}\n`);
  for (const old of earlier) terminal.stdout.write(`It continues the checkpoint of ${old.size} entries\n`);
  if (unsigned > 0) terminal.stdout.write(`NOT covered by the checkpoint: the last ${unsigned} entries\n`);
}
