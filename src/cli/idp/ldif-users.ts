import { linesOf } from '../lines.js';
import type { Read } from './user-record.js';

const LINE = /^([\w.-]+)(;[^:]*)?:(:|<)?[ ]*(.*)$/;

/**
 * The entries of an LDIF file (RFC 2849): attributes by their names in lower case, each a list of texts; what is no text is left out, as is what a URL stands for. Records of
 * changes are no users.
 */
export async function* readLdif(chunks: AsyncIterable<Buffer>): AsyncGenerator<Read> {
  let entry: string[] = [];
  for await (const line of linesOf(chunks)) {
    if (line.startsWith('#')) continue;
    if (line.startsWith(' ') && entry.length > 0) entry.push(`${entry.pop()!}${line.slice(1)}`);
    else if (line !== '') entry.push(line);
    else {
      yield* readEntry(entry);
      entry = [];
    }
  }
  yield* readEntry(entry);
}

function* readEntry(lines: readonly string[]): Generator<Read, void> {
  const given = lines.filter((line) => !/^version:/i.test(line));
  if (given.length === 0) return;
  const record: Record<string, string[]> = {};
  for (const line of given) {
    const [, name, , sign, rest] = LINE.exec(line) ?? [];
    if (name === undefined) {
      yield { unreadable: 'A line of it is no attribute.' };
      return;
    }
    const text = sign === '<' ? null : sign === ':' ? decoded(rest!) : rest!;
    const key = name.toLowerCase();
    if (text !== null && key !== '__proto__') (record[key] ??= []).push(text);
  }
  const [change = 'add'] = record.changetype ?? [];
  if (change.trim() !== 'add') {
    yield { unreadable: 'It is a change and no entry.' };
    return;
  }
  yield { user: record };
}

/** Null for what is no text, such as a picture. */
function decoded(base64: string): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(base64.trim(), 'base64'));
  } catch {
    return null;
  }
}
