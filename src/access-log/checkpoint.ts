import { NoteError, parseNote } from './note.js';
import { HASH_BYTES } from './tree.js';

/** What a log says of itself: so many entries, this root (https://c2sp.org/tlog-checkpoint). */
export interface Checkpoint {
  /** The log's name. */
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
}

/** The text of a checkpoint, which is what is signed. */
export function checkpointText({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${root.toString('base64')}\n`;
}

/** Reads the text of a checkpoint; lines behind the third are passed over. Throws {@link NoteError}. */
export function parseCheckpointText(text: string): Checkpoint {
  const [origin, size, root] = text.split('\n');
  const hash = Buffer.from(root ?? '', 'base64');
  const isWhole =
    origin && size !== undefined && /^(0|[1-9]\d{0,15})$/.test(size) && hash.length === HASH_BYTES;
  if (!isWhole || !Number.isSafeInteger(Number(size)) || hash.toString('base64') !== root) {
    throw new NoteError('that is no checkpoint');
  }
  return { origin, size: Number(size), root: hash };
}

/** Reads the checkpoint in a signed note, whoever signed it. Throws {@link NoteError}. */
export function parseCheckpoint(note: string): Checkpoint {
  return parseCheckpointText(parseNote(note).text);
}
