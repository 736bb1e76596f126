import { type Checkpoint, parseCheckpointText } from '../checkpoint.js';
import { NoteError, type SignedNote, type VerifierKey, parseNote, signersOf } from '../note.js';

/** A checkpoint whose signature was checked with a key from elsewhere. */
export interface TrustedCheckpoint extends Checkpoint {
  /** The witnesses among those asked for that cosigned it. */
  readonly cosigners: readonly VerifierKey[];
}

/** Whom a verifier believes: the log's own keys, and the witnesses that must have cosigned. */
export interface Trust {
  readonly keys: readonly VerifierKey[];
  readonly witnesses: readonly VerifierKey[];
}

/** Reads a signed note and makes sure that a trusted key signed it under its own name. Who cosigned is told. Throws {@link NoteError}. */
export function readTrusted(text: string, { keys, witnesses }: Trust): TrustedCheckpoint {
  const note: SignedNote = parseNote(text);
  const checkpoint = parseCheckpointText(note.text);
  if (!signersOf(note, keys).some(({ name }) => name === checkpoint.origin)) {
    throw new NoteError('the checkpoint is not signed by the given key');
  }
  return { ...checkpoint, cosigners: signersOf(note, witnesses) };
}

/** Throws {@link NoteError} unless every witness cosigned. */
export function requireCosigned({ cosigners }: TrustedCheckpoint, { witnesses }: Trust): void {
  const absent = witnesses.find((witness) => !cosigners.includes(witness));
  if (absent) throw new NoteError(`the checkpoint is not cosigned by ${absent.name}`);
}
