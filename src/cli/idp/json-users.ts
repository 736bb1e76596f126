import { Readable, pipeline } from 'node:stream';
import pick from 'stream-json/filters/pick.js';
import streamArray from 'stream-json/streamers/stream-array.js';
import { linesOf } from '../lines.js';
import { type Read, asRead } from './user-record.js';

/** Members that hold pages of users. */
export const PAGES: readonly string[] = ['users', 'Users', 'Resources'];

/** One user a line, or one page of users a line. A line that is none is told and keeps no other. */
export async function* readJsonLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Read> {
  for await (const line of linesOf(chunks)) {
    if (line.trim() === '') continue;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      yield { unreadable: 'It is no JSON.' };
      continue;
    }
    const page = pageIn(value);
    if (page) yield* page.map(asRead);
    else yield asRead(value);
  }
}

function pageIn(value: unknown): readonly unknown[] | null {
  if (Array.isArray(value)) return value as unknown[];
  if (typeof value !== 'object' || value === null) return null;
  const page = PAGES.map((name) => (value as Record<string, unknown>)[name]).find(Array.isArray);
  return (page as unknown[] | undefined) ?? null;
}

/** A list of users, or an object with one under `users`, `Users` or `Resources`; the rest of the object is passed over. */
export async function* readJson(chunks: AsyncIterable<Buffer>): AsyncGenerator<Read> {
  const { isList, all } = await begun(chunks);
  const source = Readable.from(all);
  const items = isList ? streamArray.withParserAsStream() : streamArray.asStream();
  const ended = (): void => undefined;
  if (isList) pipeline(source, items, ended);
  else {
    const filter = (stack: readonly unknown[]): boolean =>
      stack.length === 1 && PAGES.includes(String(stack[0]));
    pipeline(source, pick.withParserAsStream({ filter }), items, ended);
  }
  for await (const { value } of items as AsyncIterable<{ value: unknown }>) yield asRead(value);
}

/** Whether the text is a list; and the whole text still. */
async function begun(
  chunks: AsyncIterable<Buffer>,
): Promise<{ readonly isList: boolean; readonly all: AsyncIterable<Buffer> }> {
  const iterator = chunks[Symbol.asyncIterator]();
  const seen: Buffer[] = [];
  let start = '';
  while (start === '') {
    const next = await iterator.next();
    if (next.done) break;
    seen.push(next.value);
    start = next.value
      .toString('utf8')
      .replace(/^\uFEFF/, '')
      .trimStart();
  }
  async function* all(): AsyncGenerator<Buffer> {
    yield* seen;
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
  }
  return { isList: start.startsWith('['), all: all() };
}
