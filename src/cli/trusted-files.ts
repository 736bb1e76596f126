import { NoteError } from '../access-log/note.js';
import { type Trust, type TrustedCheckpoint, readTrusted } from '../access-log/offline/trusted-checkpoint.js';
import { CommandError } from './terminal.js';
import { readNotes } from './verification-files.js';

/** The checkpoints in files, each signed by a trusted key. Throws {@link CommandError} for any that is not. */
export async function readCheckpoints(paths: readonly string[], trust: Trust): Promise<TrustedCheckpoint[]> {
  const checkpoints: TrustedCheckpoint[] = [];
  for (const path of paths) {
    const notes = await readNotes(path);
    checkpoints.push(...notes.map((note) => checkNote(path, () => readTrusted(note, trust))));
  }
  return checkpoints;
}

/** Runs a check of a note from a file; what it finds wrong is said of the file. */
export function checkNote<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof NoteError) throw new CommandError(`${path}: ${error.message}.`);
    throw error;
  }
}
