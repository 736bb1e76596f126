import { join } from 'node:path';
import {
  LOG_SIGNATURE,
  NoteError,
  formatVerifierKey,
  isKeyName,
  parseVerifierKey,
} from '../../access-log/note.js';
import { fileMemory } from '../../access-log/witness/memory.js';
import { Witness } from '../../access-log/witness/witness.js';
import { address } from '../../config-kinds.js';
import { witnessKey } from '../../crypto/index.js';
import { listenAsWitness } from '../../http/witness-server.js';
import { CommandError, type Terminal } from '../terminal.js';

/** What the command line says. */
export interface WitnessOptions {
  readonly log: readonly string[];
  readonly state: string;
  readonly name: string;
  readonly listen: string;
}

/**
 * Runs a witness until it is interrupted. Meant for another machine, or at least another user, than the vault's and the database's: what it
 * remembers must be out of their reach. Throws {@link CommandError} for options that cannot be used.
 */
export async function auditWitness(options: WitnessOptions, terminal: Terminal): Promise<void> {
  const where = address.read(options.listen);
  if (!where) throw new CommandError(`--listen must be ${address.wants}.`);
  if (!isKeyName(options.name))
    throw new CommandError('--name must have neither white space nor a plus sign.');
  const logs = options.log.map(readLogKey);

  const signing = await witnessKey(join(options.state, 'witness.key'));
  const witness = new Witness(options.name, signing, logs, fileMemory(options.state));
  const server = await listenAsWitness(witness, where).catch((error: unknown) => {
    throw new CommandError(
      `Cannot listen on ${options.listen}: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}.`,
    );
  });
  terminal.stdout.write(`Witness ${formatVerifierKey(witness.key)}\nlistens on ${server.url}\n`);
  await terminal.interrupted;
  await server.close();
}

function readLogKey(text: string) {
  try {
    const key = parseVerifierKey(text);
    if (key.type === LOG_SIGNATURE) return key;
  } catch (error) {
    if (!(error instanceof NoteError)) throw error;
  }
  throw new CommandError('--log must be the verifier key of a log.');
}
