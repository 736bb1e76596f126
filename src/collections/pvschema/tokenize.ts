import { VaultError } from '../../errors.js';

/** A piece of PVSchema and where it begins in the text. */
export interface Token {
  readonly kind: 'name' | 'quoted' | '(' | ')' | ',' | ';' | 'end';
  /** The name, or what the quotes hold. */
  readonly text: string;
  readonly offset: number;
}

const SPACE = /\s+/y;
// Names of built-in properties begin with an underscore.
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const MARKS: ReadonlySet<string> = new Set(['(', ')', ',', ';']);

/**
 * Cuts PVSchema into tokens, the last of which is 'end'. Linear in the text's length, whatever it holds: the regular
 * expressions have no alternatives to go back to, and quotes are followed by hand.
 * @throws VaultError PV9004 with line, column and reason
 */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let offset = 0;
  while (offset < text.length) {
    const space = matchAt(SPACE, text, offset);
    if (space) {
      offset += space.length;
      continue;
    }
    const { token, next } = tokenAt(text, offset);
    tokens.push(token);
    offset = next;
  }
  tokens.push({ kind: 'end', text: '', offset });
  return tokens;
}

/**
 * The refusal of a schema text: where, and a constant saying why. The text itself is not quoted, a COMMENT may hold
 * anything. Lines and columns count from 1, columns in UTF-16 units, as editors do.
 */
export function syntaxError(text: string, offset: number, reason: string): VaultError {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  const column = offset - before.lastIndexOf('\n');
  return new VaultError('PV9004', { line: String(line), column: String(column), reason });
}

function tokenAt(text: string, offset: number): { token: Token; next: number } {
  const name = matchAt(NAME, text, offset);
  if (name) return { token: { kind: 'name', text: name, offset }, next: offset + name.length };

  const first = text.charAt(offset);
  if (first === "'" || first === '"') return quotedAt(text, offset, first);
  if (isMark(first)) return { token: { kind: first, text: first, offset }, next: offset + 1 };
  throw syntaxError(text, offset, 'a character that has no place in PVSchema');
}

/** Inside quotes everything stands for itself, line breaks included, save the quote itself, which is doubled. */
function quotedAt(text: string, offset: number, quote: string): { token: Token; next: number } {
  const parts: string[] = [];
  let from = offset + 1;
  for (;;) {
    const end = text.indexOf(quote, from);
    if (end < 0) throw syntaxError(text, offset, 'the quotes are not closed');
    parts.push(text.slice(from, end));
    if (text[end + 1] !== quote)
      return { token: { kind: 'quoted', text: parts.join(quote), offset }, next: end + 1 };
    from = end + 2;
  }
}

function matchAt(pattern: RegExp, text: string, offset: number): string | undefined {
  pattern.lastIndex = offset;
  return pattern.exec(text)?.[0];
}

function isMark(character: string): character is '(' | ')' | ',' | ';' {
  return MARKS.has(character);
}
