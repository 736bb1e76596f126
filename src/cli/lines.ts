import { StringDecoder } from 'node:string_decoder';
import { CommandError } from './terminal.js';

/** A line beyond this is no user and no entry: it would only fill the memory. */
const LONGEST = 4 * 1024 * 1024;

/** The lines of a text in UTF-8, without their ends. */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let first = true;
  for await (const chunk of chunks) {
    rest += decoder.write(chunk);
    if (first && rest !== '') {
      rest = rest.replace(/^\uFEFF/, '');
      first = false;
    }
    const lines = rest.split('\n');
    rest = lines.pop()!;
    for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line;
    if (rest.length > LONGEST) throw new CommandError('A line is longer than any can be.');
  }
  rest += decoder.end();
  if (rest !== '') yield rest;
}
