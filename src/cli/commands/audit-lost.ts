import { createReadStream } from 'node:fs';
import { EXPORT_FORMATS } from '../../access-log/export/formats.js';
import type { Config } from '../../config.js';
import { createLogger } from '../../logger.js';
import { openDatabase } from '../../startup/open-database.js';
import { readLogRows } from '../../store/access-log/read.js';
import type { Database } from '../../store/database.js';
import { streamSink } from '../export/stream-sink.js';
import { linesOf } from '../lines.js';
import { CommandError, type Terminal } from '../terminal.js';
import { withDatabase } from '../with-database.js';

/** What the command line says. */
export interface LostOptions {
  readonly export: string;
}

/** Lines that are held against the log at a time. */
const PAGE = 1_000;

interface ExportedLine {
  readonly index: number;
  readonly leaf: string;
  readonly line: string;
}

/**
 * Writes out the lines of an export whose entries are not in the log: what happened between a backup and the moment when it was put back. Memory stays flat. Throws {@link CommandError} for a file that is
 * no such export.
 */
export async function auditLost(config: Config, options: LostOptions, terminal: Terminal): Promise<void> {
  const log = createLogger('error', terminal.stderr);
  const lost = await withDatabase(config, async (url) => {
    const database = openDatabase(config, url, log);
    try {
      return await writeLost(database, options.export, terminal);
    } catch (error) {
      const { code, syscall } = error as NodeJS.ErrnoException;
      if (syscall !== 'open' && syscall !== 'read') throw error;
      throw new CommandError(`Cannot read ${options.export}: ${code ?? 'unknown'}.`);
    } finally {
      await database.close();
    }
  });
  terminal.stderr.write(
    lost === 0
      ? 'The log has every entry of the export.\n'
      : `${lost} entries of the export are not in the log.\n`,
  );
}

/** Resolves with how many there were. */
async function writeLost(database: Database, file: string, { stdout }: Terminal): Promise<number> {
  const sink = streamSink(stdout, null);
  let lost = 0;
  for await (const run of runsOf(file)) {
    const rows = await readLogRows(database, run[0]!.index, run.length);
    const leaves = new Map(rows.map(({ index, leaf }) => [index, leaf.toString('hex')]));
    const missing = run.filter(({ index, leaf }) => leaves.get(index) !== leaf);
    if (missing.length === 0) continue;
    lost += missing.length;
    const lines = Buffer.from(missing.map(({ line }) => `${line}\n`).join(''));
    await sink.write({ lines, next: missing.at(-1)!.index + 1, leaf: Buffer.alloc(0) });
  }
  await sink.close();
  return lost;
}

/**
 * Lines whose entries follow one another, so many at a time: an export may be two that were joined, or what was picked out of one. Throws {@link CommandError} behind the last line that is one: an
 * export that was killed may have left half of the next.
 */
async function* runsOf(file: string): AsyncGenerator<ExportedLine[]> {
  let run: ExportedLine[] = [];
  let lines = 0;
  let isCut = false;
  let last: number | null = null;
  for await (const line of linesOf(createReadStream(file))) {
    lines += 1;
    const position = EXPORT_FORMATS.jsonl.positionBehind(line);
    isCut = position === null || !isWhole(line);
    if (position === null || isCut) break;
    const { next, leaf } = position;
    if (leaf === undefined) continue;
    if (run.length === PAGE || (last !== null && next !== last + 1)) {
      yield run;
      run = [];
    }
    run.push({ index: next - 1, leaf, line });
    last = next;
  }
  if (run.length > 0) yield run;
  if (isCut && lines > 1)
    throw new CommandError(
      `Line ${lines} of ${file} is no whole line of an export in jsonl: only those before were read.`,
    );
  if (isCut) throw new CommandError(`${file} is no export in jsonl.`);
  if (last === null) throw new CommandError(`${file} has no entries.`);
}

function isWhole(line: string): boolean {
  try {
    return typeof JSON.parse(line) === 'object';
  } catch {
    return false;
  }
}
