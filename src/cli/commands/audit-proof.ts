import { readFile } from 'node:fs/promises';
import { verifyProof } from '../../access-log/offline/verify-proof.js';
import { CommandError, type Terminal } from '../terminal.js';
import { checkNote } from '../trusted-files.js';
import { type TrustOptions, readText, readTrust } from '../verification-files.js';

/** What the command line says. */
export interface ProofOptions extends TrustOptions {
  readonly verify: string;
  readonly entry: string;
}

/** Verifies with nothing but files and keys that an entry is in the log. Throws {@link CommandError} where it is not shown. */
export async function auditProof(options: ProofOptions, terminal: Terminal): Promise<void> {
  const proof = await readText(options.verify);
  const entry = await readFile(options.entry).catch((error: unknown) => {
    throw new CommandError(
      `Cannot read ${options.entry}: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}.`,
    );
  });
  const trust = readTrust(options);
  const { index, checkpoint } = checkNote(options.verify, () => verifyProof(proof, entry, trust));
  terminal.stdout.write(
    `The entry is at index ${index} of ${checkpoint.origin}, as signed at ${checkpoint.size} entries\n`,
  );
}
