import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { CommandError } from '../terminal.js';
import { readCsv } from './csv-users.js';
import { PAGES, readJson, readJsonLines } from './json-users.js';
import { readLdif } from './ldif-users.js';
import type { Read } from './user-record.js';

/** How a file can be laid out. */
export const LAYOUTS = ['ndjson', 'json', 'csv', 'ldif'] as const;
export type Layout = (typeof LAYOUTS)[number];

/** This much of a file is looked at to tell what it is. */
const LOOK_BYTES = 1024 * 1024;
const READERS: Readonly<
  Record<Layout, (chunks: AsyncIterable<Buffer>, isMarked: boolean) => AsyncIterable<Read>>
> = {
  ndjson: readJsonLines,
  json: readJson,
  csv: readCsv,
  ldif: readLdif,
};

/**
 * The users in files, one after the other and as they come: never a whole file is in memory. What ends in `.gz` is unpacked. Throws {@link CommandError} for a file that cannot be read, or whose
 * users nobody could tell apart. In a CSV that `isMarked`, cells begin with a mark that goes.
 */
export async function* readUsers(
  paths: readonly string[],
  layout: Layout | undefined,
  isMarked = false,
): AsyncGenerator<Read> {
  for (const path of paths) {
    try {
      const file = createReadStream(path);
      const zipped = /\.gz$/i.test(path);
      const chunks = zipped ? compose(file, createGunzip()) : file;
      const { all, start } = await looked(chunks);
      const own = layout ?? layoutOf(path.replace(/\.gz$/i, ''), start);
      yield* READERS[own](all, isMarked);
    } catch (error) {
      throw readingFailed(path, error);
    }
  }
}

function compose(file: Readable, unzip: ReturnType<typeof createGunzip>): Readable {
  file.on('error', (error) => unzip.destroy(error));
  return file.pipe(unzip);
}

/** A stream whose first part was looked at and that is whole all the same. */
async function looked(
  stream: Readable,
): Promise<{ readonly all: AsyncIterable<Buffer>; readonly start: string }> {
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const first: Buffer[] = [];
  for (let bytes = 0; bytes < LOOK_BYTES;) {
    const next = await chunks.next();
    if (next.done) break;
    first.push(next.value);
    bytes += next.value.length;
    if (next.value.includes(0x0a)) break;
  }
  async function* all(): AsyncGenerator<Buffer> {
    try {
      yield* first;
      for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
    } finally {
      stream.destroy();
    }
  }
  return {
    all: all(),
    start: Buffer.concat(first)
      .toString('utf8')
      .replace(/^\uFEFF/, ''),
  };
}

/** By its name; of JSON by its first line, since exports of one user a line are named `.json`, too. */
function layoutOf(path: string, start: string): Layout {
  if (/\.csv$/i.test(path)) return 'csv';
  if (/\.ldif$/i.test(path)) return 'ldif';
  if (/\.(ndjson|jsonl)$/i.test(path)) return 'ndjson';
  const [line = ''] = start.trimStart().split('\n', 1);
  if (!line.startsWith('{')) return 'json';
  try {
    const first = JSON.parse(line) as Record<string, unknown>;
    return PAGES.some((name) => Array.isArray(first[name])) ? 'json' : 'ndjson';
  } catch {
    return 'json';
  }
}

/** Messages of parsers quote what they could not read. */
function readingFailed(path: string, error: unknown): unknown {
  if (error instanceof CommandError) return error;
  const { code } = error as { code?: unknown };
  if (typeof code === 'string' && /^[A-Z_]{1,60}$/.test(code))
    return new CommandError(`Cannot read ${path}: ${code}.`);
  return new CommandError(`Cannot read ${path}: it is not what its name says.`);
}
