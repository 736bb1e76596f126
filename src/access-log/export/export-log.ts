import { VaultError } from '../../errors.js';
import { type LogText, readLogRows, readLogTexts } from '../../store/access-log/read.js';
import type { Database } from '../../store/database.js';
import { completeNodes, readFrontier } from '../tree-reader.js';
import { type ExportFormat, ExportedEntry, damaged } from './exported-entry.js';
import { frontierLine, jsonl } from './jsonl.js';

/** Entries read at a time: memory stays flat however long the log is. */
const PAGE = 1_000;
const LINE_END = Buffer.from('\n');

/** Lines of an export on their way, and the position behind them, where it can be taken up again. */
export interface ExportedLines {
  readonly lines: Buffer;
  readonly next: number;
  /** The leaf hash of the last entry, by which the log is recognised. */
  readonly leaf: Buffer;
}

export interface ExportRequest {
  readonly format: ExportFormat;
  /** The first position, and the one that the export ends before; the log must be as long as that. */
  readonly from: number;
  readonly to: number;
  /** Of the program. */
  readonly version: string;
}

/**
 * The log as lines, read page by page as they are taken. Throws PV9081 for entries that were pruned, PV9010 where entries are missing or are no entries:
 * what came before is whole lines.
 */
export async function* exportLog(
  database: Database,
  { format, from, to, version }: ExportRequest,
): AsyncGenerator<ExportedLines> {
  for (let at = from; at < to;) {
    const end = Math.min(at + PAGE, to);
    const entries = await readEntries(database, at, end);
    const lines = entries.flatMap((exported) => {
      const line = format.line(exported, version);
      return [typeof line === 'string' ? Buffer.from(line) : line, LINE_END];
    });
    yield { lines: Buffer.concat(lines), next: end, leaf: entries.at(-1)!.leaf };
    at = end;
  }
}

/** What an export that begins in the middle says first, so that it can be verified; nothing for other formats and at the beginning. */
export async function exportPreface(
  database: Database,
  { format, from }: Pick<ExportRequest, 'format' | 'from'>,
): Promise<Buffer> {
  if (format !== jsonl || from === 0) return Buffer.alloc(0);
  await completeNodes(database, from);
  return Buffer.from(`${frontierLine(await readFrontier(database, from))}\n`);
}

async function readEntries(database: Database, from: number, to: number): Promise<ExportedEntry[]> {
  // The texts first: an entry whose bytes are still there then had not lost its texts to a pruning.
  const textsAt = new Map<number, LogText[]>();
  for (const text of await readLogTexts(database, from, to)) {
    textsAt.set(text.index, [...(textsAt.get(text.index) ?? []), text]);
  }
  const rows = await readLogRows(database, from, to - from);
  return Array.from({ length: to - from }, (_, i) => {
    const [row, index] = [rows[i], from + i];
    if (row?.index !== index) throw damaged(index);
    if (row.bytes === null) throw new VaultError('PV9081', { field: 'from' });
    // A line end can only have come in past the vault, and would make two lines of one.
    if (row.bytes.includes(0x0a)) throw damaged(index);
    return new ExportedEntry(index, row.leaf, row.bytes, textsAt.get(index) ?? []);
  });
}
