import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CommandError } from '../terminal.js';

/** How far a log was delivered: the next position, and the leaf hash of the entry before it, by which the log is recognised. */
export interface Position {
  readonly next: number;
  readonly leaf: string;
}

/** Reads a position; null where nothing was delivered yet. Throws {@link CommandError} for a file that is none: starting anew would deliver everything twice. */
export async function readPosition(path: string): Promise<Position | null> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new CommandError(`Cannot read ${path}: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}.`);
  });
  if (text === null) return null;
  const [, next, leaf] = /^\{"next":([1-9]\d{0,15}),"leaf":"([0-9a-f]{64})"\}\n$/.exec(text) ?? [];
  if (next === undefined) throw new CommandError(`${path} is no position of an export.`);
  return { next: Number(next), leaf: leaf! };
}

/** Writes a position so that after a power failure the old or the new one is there, never half of one. */
export async function writePosition(path: string, { next, leaf }: Position): Promise<void> {
  const made = `${path}.new`;
  const file = await open(made, 'w', 0o600);
  try {
    await file.writeFile(`{"next":${next},"leaf":"${leaf}"}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(made, path);
  const directory = await open(dirname(path));
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
