/// <reference lib="ES2024.String" />
import { VaultError } from '../errors.js';
import { decodeUtf8 } from './parse-text.js';
import { pointerTo } from './pointers.js';

const DEEPEST = 20;
/** Members in a body of the default size; operations that take larger bodies may have as many more. */
const MOST_MEMBERS = 2_000;
const DEFAULT_MAX_BODY = 262_144;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Reads a JSON body. Throws PV1012, which never quotes the body, for anything that is not JSON in UTF-8, nests deeper than 20 levels,
 * has too many members, gives a member twice or names it `__proto__`, or holds text that cannot be kept.
 */
export function parseJson(bytes: Buffer, maxBody: number): unknown {
  const members = measure(bytes, Math.floor(MOST_MEMBERS * Math.max(1, maxBody / DEFAULT_MAX_BODY)));
  const body = parse(decodeUtf8(bytes));
  if (inspect(body, []) !== members) throw refused('A member is given twice.');
  return body;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // The parser's message quotes the text.
    throw refused('It is not valid JSON.');
  }
}

/** Counts the members without building anything: what is too deep or too large must not reach a parser. */
function measure(bytes: Buffer, mostMembers: number): number {
  let depth = 0;
  let members = 0;
  for (let i = 0; i < bytes.length; i++) {
    switch (bytes[i]) {
      case QUOTE:
        i = endOfString(bytes, i);
        break;
      case 0x5b /* [ */:
      case 0x7b /* { */:
        if (++depth > DEEPEST) throw refused('It nests too deep.');
        break;
      case 0x5d /* ] */:
      case 0x7d /* } */:
        depth--;
        break;
      case 0x3a /* : */:
        if (++members > mostMembers) throw refused('It has too many members.');
        break;
      default:
        break;
    }
  }
  return members;
}

/** Where the closing quote stands; past the end where there is none. Long strings are skipped, not walked. */
function endOfString(bytes: Buffer, start: number): number {
  let quote = start;
  do {
    quote = bytes.indexOf(QUOTE, quote + 1);
    if (quote < 0) return bytes.length;
  } while (isEscaped(bytes, quote, start));
  return quote;
}

/** An odd number of backslashes before a quote makes it part of the string. */
function isEscaped(bytes: Buffer, quote: number, start: number): boolean {
  let backslashes = 0;
  while (quote - 1 - backslashes > start && bytes[quote - 1 - backslashes] === BACKSLASH) backslashes++;
  return backslashes % 2 === 1;
}

/** Checks every name and text, and counts the members that are there. */
function inspect(value: unknown, path: (string | number)[]): number {
  if (typeof value === 'string') {
    if (!isKeepable(value)) throw refused('It holds a lone surrogate or U+0000.', path);
    return 0;
  }
  // What does not fit a number would be stored as another value than was sent.
  if (value === Infinity || value === -Infinity) throw refused('A number is too large.', path);
  if (typeof value !== 'object' || value === null) return 0;
  if (Array.isArray(value)) {
    return value.reduce<number>((sum, item, i) => sum + inspectAt(item, path, i), 0);
  }
  let members = 0;
  for (const [name, member] of Object.entries(value)) {
    if (name === '__proto__') throw refused('The name __proto__ is not allowed.', path);
    if (!isKeepable(name)) throw refused('A name holds a lone surrogate or U+0000.', path);
    members += 1 + inspectAt(member, path, name);
  }
  return members;
}

function inspectAt(value: unknown, path: (string | number)[], step: string | number): number {
  path.push(step);
  const members = inspect(value, path);
  path.pop();
  return members;
}

function isKeepable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

function refused(reason: string, path: readonly (string | number)[] = []): VaultError {
  return new VaultError('PV1012', { field: pointerTo(path), reason });
}
