import { hash } from 'node:crypto';
import { type EntryText } from '../export/exported-entry.js';
import {
  BEFORE_ENTRY,
  FRONTIER_LINE,
  LEAF_CHARACTERS,
  type TextsOnLine,
  lineHead,
  readFrontierLine,
} from '../export/jsonl.js';
import { type Entry, TEXT_KINDS, decodeEntry } from '../entry.js';
import { EMPTY_FRONTIER, type Frontier } from '../tree.js';
import { TextVerifier } from '../verify-texts.js';
import { Wrong } from '../wrong.js';
import { Needle } from './needle.js';

const NEWLINE = 0x0a;
const CLOSING = 0x7d;
/** Longer than any entry can be. */
const LONGEST_LINE = 64 * 1024 * 1024;
const LINE_START = /^\{"index":(0|[1-9]\d{0,15}),"leaf":"[A-Za-z0-9+/]{43}=","(?:texts|entry)":/;
const HEAD = lineHead(0, '='.repeat(LEAF_CHARACTERS)).length - 1;

/** Where, before the exact bytes, a line without free texts has the `e` of `"entry"`. */
const TELLING = -BEFORE_ENTRY.length + 2;
const ENTRY = 0x65;

/** What the reader tells of an export, in order. Either may throw {@link Wrong}. */
export interface ExportSink {
  /** What the tree was before the next entry, where a line says so. */
  frontier(frontier: Frontier): void;
  /** The hash of the next entry's bytes. */
  leaf(leaf: Buffer): void;
}

/**
 * Reads an export chunk by chunk and hashes each entry's exact bytes. Every line must be, byte for byte, what the vault writes for the entry (docs/FORMAT.md section 8.3). No line is
 * parsed unless it has free texts or commits to some: an auditor's machine reads hundreds of thousands of entries a second.
 */
export class ExportReader {
  readonly #sink: ExportSink;
  readonly #texts = new TextVerifier();
  readonly #commits = new Needle('_hash":"');
  readonly #erases = new Needle('"erased":[');
  #rest: Buffer = Buffer.alloc(0);
  #begun = false;
  #next = 0;

  constructor(sink: ExportSink) {
    this.#sink = sink;
  }

  /** The position of the entry that comes next. */
  get next(): number {
    return this.#next;
  }

  /** Takes the next piece of the file; its bytes are changed and put back while it is read. Throws {@link Wrong}. */
  take(chunk: Buffer): void {
    const buffer = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let start = 0;
    for (;;) {
      const end = buffer.indexOf(NEWLINE, start);
      if (end < 0) break;
      this.#takeLine(buffer, start, end);
      start = end + 1;
    }
    this.#rest = buffer.subarray(start);
    if (this.#rest.length > LONGEST_LINE) throw new Wrong(this.#next, 'the line is longer than any entry');
  }

  /** To be called behind the last piece. Throws {@link Wrong}. */
  finish(): void {
    if (this.#rest.length > 0) throw new Wrong(this.#next, 'the last line is cut off');
    this.#texts.settle(this.#next);
  }

  #takeLine(buffer: Buffer, start: number, end: number): void {
    const at = start + HEAD + String(this.#next).length;
    const isPlain = end - 1 > at && buffer[at + TELLING] === ENTRY && buffer[end - 1] === CLOSING;
    const leaf = isPlain ? leafAt(buffer, at, end - 1) : null;
    const head = leaf && lineHead(this.#next, leaf.toString('base64'));
    if (leaf && buffer.toString('latin1', start, at) === head) {
      this.#takeEntry(leaf, buffer, at, end - 1, []);
    } else {
      this.#takeUnusual(buffer, start, end);
    }
  }

  #takeEntry(leaf: Buffer, buffer: Buffer, from: number, to: number, texts: readonly EntryText[]): void {
    // Both are asked every time: they look at each part of the buffer once only if they see every line.
    const [commits, erases] = [this.#commits.within(buffer, from, to), this.#erases.within(buffer, from, to)];
    if (commits || erases || texts.length > 0) {
      const index = this.#next;
      const entry = decoded(index, buffer.subarray(from, to));
      this.#texts.take(
        index,
        entry,
        texts.map((text) => ({ ...text, index })),
      );
    }
    this.#begun = true;
    this.#next += 1;
    this.#sink.leaf(leaf);
  }

  /** A line with free texts, one that says what came before, or one that is wrong. */
  #takeUnusual(buffer: Buffer, start: number, end: number): void {
    const line = buffer.subarray(start, end);
    if (line.subarray(0, FRONTIER_LINE.length).toString('latin1') === FRONTIER_LINE) {
      return this.#takeFrontier(line.toString('latin1'));
    }
    const index = this.#next;
    const said = LINE_START.exec(line.subarray(0, 2 * HEAD).toString('latin1'))?.[1];
    if (said === undefined) throw new Wrong(index, 'the line is not one of an export');
    if (Number(said) > index) throw new Wrong(index, 'the entry is missing');
    if (Number(said) < index) throw new Wrong(index, `entry ${said} stands in its place`);

    const from = start + line.indexOf(BEFORE_ENTRY) + BEFORE_ENTRY.length;
    if (from < start + BEFORE_ENTRY.length || line.at(-1) !== CLOSING)
      throw new Wrong(index, 'the line is not one of an export');
    const leaf = leafAt(buffer, from, end - 1);
    const head = buffer.toString('utf8', start, from);
    const encoded = leaf.toString('base64');
    if (!head.startsWith(lineHead(index, encoded).slice(0, -BEFORE_ENTRY.length)))
      throw new Wrong(index, 'the bytes do not have the leaf hash that stands beside them');
    const texts = textsIn(index, head, encoded);
    this.#takeEntry(
      leaf,
      buffer,
      from,
      end - 1,
      Object.entries(texts).map(([kind, { salt, text }]) => ({ kind, salt: Buffer.from(salt, 'hex'), text })),
    );
  }

  #takeFrontier(line: string): void {
    const frontier = readFrontierLine(line) ?? EMPTY_FRONTIER;
    if (frontier.size === 0) throw new Wrong(this.#next, 'the line is not one of an export');
    if (this.#begun && frontier.size !== this.#next) {
      throw new Wrong(Math.min(this.#next, frontier.size), 'an export of other entries goes on here');
    }
    this.#sink.frontier(frontier);
    this.#begun = true;
    this.#next = frontier.size;
  }
}

/** The leaf hash of the bytes between two places: what stands before them is put aside while the leaf's own first byte is there, so that nothing is copied. */
function leafAt(buffer: Buffer, from: number, to: number): Buffer {
  const before = buffer[from - 1]!;
  buffer[from - 1] = 0x00;
  const leaf = hash('sha256', buffer.subarray(from - 1, to), 'buffer');
  buffer[from - 1] = before;
  return leaf;
}

/** The free texts of a line's head, which must be spelled as the vault spells it. Throws {@link Wrong}. */
function textsIn(index: number, head: string, leaf: string): TextsOnLine {
  try {
    const { texts } = JSON.parse(`${head.slice(0, -BEFORE_ENTRY.length)}}`) as { texts: TextsOnLine };
    const sorted = Object.fromEntries(
      TEXT_KINDS.flatMap((kind) => (Object.hasOwn(texts, kind) ? [[kind, texts[kind]]] : [])),
    ) as TextsOnLine;
    const spelled = Object.fromEntries(
      Object.entries(sorted).map(([kind, { salt, text }]) => [kind, { salt, text }]),
    );
    if (lineHead(index, leaf, spelled) === head && Object.values(spelled).every(isText)) return spelled;
  } catch {
    // Said below.
  }
  throw new Wrong(index, 'the free texts are not spelled as the vault spells them');
}

function isText({ salt, text }: { salt: unknown; text: unknown }): boolean {
  return typeof text === 'string' && typeof salt === 'string' && /^(?:[0-9a-f]{2})*$/.test(salt);
}

function decoded(index: number, bytes: Buffer): Entry {
  try {
    return decodeEntry(bytes);
  } catch {
    throw new Wrong(index, 'the bytes are no entry');
  }
}
