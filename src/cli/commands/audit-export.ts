import { rename, writeFile } from 'node:fs/promises';
import { type ExportRequest, exportLog, exportPreface } from '../../access-log/export/export-log.js';
import { EXPORT_FORMATS, type ExportFormatName } from '../../access-log/export/formats.js';
import { recordCommand } from '../../access-log/record-command.js';
import { AccessLog } from '../../access-log/writer.js';
import { openDatabase } from '../../startup/open-database.js';
import type { Config } from '../../config.js';
import { createLogger } from '../../logger.js';
import { readLogHead } from '../../store/access-log/append.js';
import { checkpointCovering, cosignaturesOf } from '../../store/access-log/checkpoints.js';
import { prunedSize } from '../../store/access-log/pruned.js';
import { readLogRows } from '../../store/access-log/read.js';
import type { Database } from '../../store/database.js';
import { VERSION } from '../../version.js';
import { fileSink } from '../export/file-sink.js';
import { type Position, readPosition, writePosition } from '../export/position-file.js';
import { progressOn } from '../export/progress.js';
import type { Sink } from '../export/sink.js';
import { streamSink } from '../export/stream-sink.js';
import { urlSink } from '../export/url-sink.js';
import { CommandError, type Terminal } from '../terminal.js';
import { withDatabase } from '../with-database.js';

/** Before every entry. */
const ANY = -1;
/** How often a log that is followed is asked whether it grew. */
const FOLLOW_MS = 500;

/** What the command line says. */
export interface ExportOptions {
  readonly format: ExportFormatName;
  readonly out?: string;
  readonly url?: string;
  readonly headerFile?: string;
  readonly position?: string;
  readonly checkpoint?: string;
  readonly from?: number;
  readonly to?: number;
  readonly follow?: boolean;
}

/**
 * Writes the log out, from where the last run stopped, up to its head as of now or for as long as it is followed. The export is itself recorded before anything is written. Throws
 * {@link CommandError} for options that do not fit together or to the log.
 */
export async function auditExport(config: Config, options: ExportOptions, terminal: Terminal): Promise<void> {
  checkOptions(options);
  const log = createLogger('error', terminal.stderr);
  const stop = new AbortController();
  void terminal.interrupted.then(() => stop.abort());
  await withDatabase(config, async (url) => {
    const database = openDatabase(config, url, log);
    try {
      await runExport(database, options, terminal, stop.signal);
    } finally {
      await database.close();
    }
  });
}

function checkOptions({ out, url, position, checkpoint, to, follow, format }: ExportOptions): void {
  if (out !== undefined && url !== undefined) throw new CommandError('--out and --url exclude each other.');
  if (url !== undefined && position === undefined) throw new CommandError('--url needs --position.');
  if (out !== undefined && position !== undefined)
    throw new CommandError('--position is not for --out: the file itself says how far it is.');
  if (follow && (to !== undefined || checkpoint !== undefined))
    throw new CommandError('--follow has no end: it goes with neither --to nor --checkpoint.');
  if (checkpoint !== undefined && (to !== undefined || format !== 'jsonl'))
    throw new CommandError('--checkpoint says itself where the export ends, and only jsonl can be verified.');
}

/** Runs an export on an open database. Throws {@link CommandError} as {@link auditExport} does. */
export async function runExport(
  database: Database,
  options: ExportOptions & { readonly mayBeAhead?: boolean },
  terminal: Terminal,
  stopped: AbortSignal,
): Promise<void> {
  const format = EXPORT_FORMATS[options.format];
  const position = options.position === undefined ? null : await readPosition(options.position);
  if (position) await requireSameLog(database, position, 'The position');
  const sink = await openSink(database, options, position?.next ?? null, terminal, stopped);
  try {
    const { resumeAt } = sink;
    const from = resumeAt ?? options.from ?? (await prunedSize(database));
    const checkpoint = options.checkpoint === undefined ? null : await newestNote(database);
    const { size } = await readLogHead(database);
    const to = Math.min(options.to ?? checkpoint?.size ?? size, size);
    if (options.mayBeAhead && from >= to) return;
    if (from > to) throw new CommandError(`The export is at ${from} already, the end would be ${to}.`);

    await recordCommand(new AccessLog(database), 'exportAuditLog', { range: [from, to] });
    const request: ExportRequest = { format, from, to, version: VERSION };
    if (resumeAt === null) await sink.begin(await exportPreface(database, request));
    const reached = await deliver(database, request, { ...options, sink, terminal, stopped });
    if (!options.follow && reached < to) throw new CommandError(`Stopped before the end, at ${reached}.`);
    if (checkpoint && options.checkpoint) await writeWhole(options.checkpoint, checkpoint.note);
  } finally {
    await sink.close();
  }
}

interface Delivery extends Pick<ExportOptions, 'follow' | 'position'> {
  readonly sink: Sink;
  readonly terminal: Terminal;
  readonly stopped: AbortSignal;
}

/** Writes the lines out, and what comes after them where the log is followed. Resolves with the position reached when there is no more, or none is wanted. */
async function deliver(
  database: Database,
  request: ExportRequest,
  { sink, terminal, stopped, follow, position }: Delivery,
): Promise<number> {
  const progress = progressOn(terminal.stderr, request.to);
  let at = request.from;
  for (let to = request.to; ; to = (await readLogHead(database)).size) {
    for await (const lines of exportLog(database, { ...request, from: at, to })) {
      if (!(await sink.write(lines))) return at;
      at = lines.next;
      if (position !== undefined)
        await writePosition(position, { next: at, leaf: lines.leaf.toString('hex') });
      progress.at(at);
      if (stopped.aborted) return at;
    }
    if (!follow) break;
    await pause(stopped);
    if (stopped.aborted) break;
  }
  progress.end();
  return at;
}

function openSink(
  database: Database,
  options: ExportOptions,
  resumeAt: number | null,
  { stdout, stderr }: Terminal,
  stopped: AbortSignal,
): Promise<Sink> | Sink {
  const format = EXPORT_FORMATS[options.format];
  if (options.out !== undefined)
    return fileSink(options.out, format, async ({ next, leaf }) => {
      if (leaf !== undefined) await requireSameLog(database, { next, leaf }, 'What the file ends with');
    });
  if (options.url === undefined) return streamSink(stdout, resumeAt);
  return urlSink({
    url: options.url,
    contentType: format.contentType,
    headerFile: options.headerFile,
    resumeAt,
    stopped,
    onRetry: (problem) =>
      stderr.write(`The collector did not take the entries (${problem}); trying again.\n`),
  });
}

/** A position that belongs to another log, or to this one before an older backup was put back, would leave entries out; behind a file's last line two logs would become one. */
async function requireSameLog(database: Database, { next, leaf }: Position, subject: string): Promise<void> {
  const [row] = await readLogRows(database, next - 1, 1);
  if (row?.index !== next - 1 || row.leaf.toString('hex') !== leaf)
    throw new CommandError(
      `${subject} is not of this log. Was the database put back to a backup? docs/OPERATIONS.md says what to do.`,
    );
}

async function newestNote(database: Database): Promise<{ size: number; note: string }> {
  const checkpoint = await checkpointCovering(database, ANY);
  if (!checkpoint)
    throw new CommandError('There is no checkpoint yet: a running vault signs one every second.');
  const cosignatures = await cosignaturesOf(database, checkpoint.size);
  return { size: checkpoint.size, note: checkpoint.note + cosignatures.map(({ line }) => line).join('') };
}

/** A reader finds the old file or the new one, never half of one. */
async function writeWhole(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

function pause(stopped: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, FOLLOW_MS);
    stopped.addEventListener('abort', done, { once: true });
    function done(): void {
      clearTimeout(timer);
      stopped.removeEventListener('abort', done);
      resolve();
    }
  });
}
