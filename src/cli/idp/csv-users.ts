import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { CommandError } from '../terminal.js';
import type { Read, UserRecord } from './user-record.js';

const LARGEST_RECORD = 1024 * 1024;

/**
 * One user a line under a line of names; a name with dots is a member of a member. Auth0 writes `'` in front of every text, so that no spreadsheet takes it for a formula: where the file `isMarked`, that one
 * goes, and elsewhere a name may begin with it. Empty cells are absent, and cells that are JSON are what they say.
 */
export async function* readCsv(chunks: AsyncIterable<Buffer>, isMarked: boolean): AsyncGenerator<Read> {
  const parser = parse({
    ...{ bom: true, columns: true, max_record_size: LARGEST_RECORD },
    ...{ skip_empty_lines: true, relax_column_count: false },
  });
  const source = Readable.from(chunks);
  source.on('error', (error) => parser.destroy(error));
  try {
    for await (const cells of source.pipe(parser) as AsyncIterable<Record<string, string>>)
      yield { user: recordOf(cells, isMarked) };
  } catch (error) {
    // Its message quotes the line.
    if (error instanceof CsvError)
      throw new CommandError(`The CSV is not well-formed (${error.code}, line ${String(error.lines)}).`);
    throw error;
  }
}

function recordOf(cells: Readonly<Record<string, string>>, isMarked: boolean): UserRecord {
  const mark = isMarked ? /^'/ : /^(?!)/;
  const record: Record<string, unknown> = {};
  for (const [name, cell] of Object.entries(cells)) {
    const text = cell.replace(mark, '');
    if (text === '') continue;
    put(record, name.trim().replace(mark, '').split('.'), valueOf(text));
  }
  return record;
}

/** Objects and lists are JSON; everything else stays the text it is. */
function valueOf(text: string): unknown {
  if (!/^[[{]/.test(text)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function put(record: Record<string, unknown>, [name = '', ...rest]: string[], value: unknown): void {
  if (rest.length === 0) {
    Object.defineProperty(record, name, { value, enumerable: true, configurable: true, writable: true });
    return;
  }
  const known = Object.hasOwn(record, name) ? record[name] : undefined;
  const inner = typeof known === 'object' && known !== null ? (known as Record<string, unknown>) : {};
  put(inner, rest, value);
  put(record, [name], inner);
}
