import { hash, randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { checkpointText, parseCheckpointText } from '../checkpoint.js';

/** What a witness remembers of a log: the last tree it cosigned. */
export interface Remembered {
  readonly size: number;
  readonly root: Buffer;
}

/** What a witness remembers, by the log's name. A witness that forgets can be shown another past. */
export interface WitnessMemory {
  /** Null for a log never seen. Throws where there is something that cannot be read: that must not count as never seen. */
  read(origin: string): Promise<Remembered | null>;
  /** Durable when it resolves. */
  write(origin: string, remembered: Remembered): Promise<void>;
}

/** A memory in a directory: one file per log with the text of the last checkpoint, replaced whole. */
export function fileMemory(directory: string): WitnessMemory {
  const fileOf = (origin: string): string => join(directory, `${hash('sha256', origin, 'hex')}.checkpoint`);
  return {
    async read(origin) {
      let text: string;
      try {
        text = await readFile(fileOf(origin), 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw error;
      }
      const checkpoint = parseCheckpointText(text);
      if (checkpoint.origin !== origin) throw new Error(`${fileOf(origin)} is about another log`);
      return checkpoint;
    },

    async write(origin, { size, root }) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const temporary = `${fileOf(origin)}.${randomBytes(6).toString('hex')}`;
      const file = await open(temporary, 'wx', 0o600);
      try {
        await file.writeFile(checkpointText({ origin, size, root }));
        await file.sync();
      } catch (error) {
        await file.close();
        await unlink(temporary);
        throw error;
      }
      await file.close();
      await rename(temporary, fileOf(origin));
      const folder = await open(directory, 'r');
      await folder.sync().finally(() => folder.close());
    },
  };
}
