import { type FileHandle, open } from 'node:fs/promises';
import type { ExportFormat, LinePosition } from '../../access-log/export/exported-entry.js';
import { CommandError } from '../terminal.js';
import type { Sink } from './sink.js';

const NEWLINE = 0x0a;
const PIECE = 64 * 1024;

/**
 * A file, which only its owner may read: free texts are personal data. One that is there goes on behind its last whole line; half a line behind that is cut off, once `accept` has taken the whole one. Throws
 * {@link CommandError} for a file that is no export of this format, and leaves it as it is.
 */
export async function fileSink(
  path: string,
  format: ExportFormat,
  accept: (last: LinePosition) => Promise<void>,
): Promise<Sink> {
  const file = await open(path, 'a+', 0o600).catch((error: unknown) => {
    throw new CommandError(`Cannot write ${path}: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}.`);
  });
  try {
    const last = await lastOf(file, format, path);
    if (last) await accept(last.position);
    if (last?.isFollowed) await file.truncate(last.end);
    return {
      resumeAt: last?.position.next ?? null,
      begin: (preface) => file.appendFile(preface),
      async write({ lines }) {
        await file.appendFile(lines);
        return true;
      },
      async close() {
        await file.sync();
        await file.close();
      },
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The last whole line, where it ends, and whether half a line follows; null where the file is empty. */
async function lastOf(
  file: FileHandle,
  format: ExportFormat,
  path: string,
): Promise<{ readonly position: LinePosition; readonly end: number; readonly isFollowed: boolean } | null> {
  const { size } = await file.stat();
  if (size === 0) return null;
  const end = await lineEndBefore(file, size);
  const start = await lineEndBefore(file, end - 1);
  const line = Buffer.alloc(Math.max(0, end - 1 - start));
  await file.read(line, 0, line.length, start);
  const position = format.positionBehind(line.toString('utf8'));
  // Without a line it may be the beginning of one, or somebody's key.
  if (position === null) throw new CommandError(`${path} is no export of this format.`);
  return { position, end, isFollowed: end < size };
}

/** The place behind the last newline before `end`; 0 where there is none. */
async function lineEndBefore(file: FileHandle, end: number): Promise<number> {
  for (let to = end; to > 0;) {
    const from = Math.max(0, to - PIECE);
    const piece = Buffer.alloc(to - from);
    await file.read(piece, 0, piece.length, from);
    const at = piece.lastIndexOf(NEWLINE);
    if (at >= 0) return from + at + 1;
    to = from;
  }
  return 0;
}
