import { checkpointAt, cosignaturesOf, cosignedSize } from '../store/access-log/checkpoints.js';
import type { Database } from '../store/database.js';
import { NoteError, type VerifierKey, parseNote, signersOf } from './note.js';
import { Wrong } from './wrong.js';

/** How far a witness vouches for the log. */
export interface Cosigned {
  readonly name: string;
  readonly size: number;
}

/**
 * The newest stored checkpoint that each of these witnesses cosigned, its signature checked with the key from elsewhere. The checkpoints themselves are held against the log by verifyLog. Throws
 * {@link Wrong} for a witness that cosigned none, or whose signature is not genuine.
 */
export async function verifyCosigned(
  database: Database,
  witnesses: readonly VerifierKey[],
): Promise<Cosigned[]> {
  const found: Cosigned[] = [];
  for (const witness of witnesses) {
    const size = await cosignedSize(database, witness.name);
    const checkpoint = await checkpointAt(database, size);
    const line = (await cosignaturesOf(database, size)).find((each) => each.witness === witness.name)?.line;
    if (!checkpoint || line === undefined) throw new Wrong(0, `${witness.name} cosigned no checkpoint`);
    if (!isGenuine(checkpoint.note + line, witness))
      throw new Wrong(0, `the cosignature of ${witness.name} on ${size} entries is not genuine`);
    found.push({ name: witness.name, size });
  }
  return found;
}

function isGenuine(note: string, witness: VerifierKey): boolean {
  try {
    return signersOf(parseNote(note), [witness]).length === 1;
  } catch (error) {
    if (error instanceof NoteError) return false;
    throw error;
  }
}
