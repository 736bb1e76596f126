import { TEXT_KINDS } from '../entry.js';
import { type Frontier, HASH_BYTES, isHash } from '../tree.js';
import type { ExportFormat, ExportedEntry } from './exported-entry.js';

/*
 * The lines that can be verified (docs/FORMAT.md section 8.3). The entry stands last and verbatim, so that its exact bytes can be cut out; all before
 * it has one spelling only, so that no byte of a line can be changed unnoticed.
 */

/** What stands before the exact bytes of an entry that has free texts, and where it is looked for: no JSON string can hold an unescaped quote. */
export const BEFORE_ENTRY = ',"entry":';
/** How a line begins that says what the tree was before the first entry of an export that does not begin with the log. */
export const FRONTIER_LINE = '{"frontier":';

/** A free text as a line has it. */
export interface TextOnLine {
  readonly salt: string;
  readonly text: string;
}
export type TextsOnLine = Readonly<Record<string, TextOnLine>>;

/** What stands before the exact bytes of an entry. Leaf in base64; no texts: none are mentioned. */
export function lineHead(index: number, leaf: string, texts?: TextsOnLine): string {
  const said = texts ? `,"texts":${JSON.stringify(texts)}` : '';
  return `{"index":${index},"leaf":"${leaf}"${said}${BEFORE_ENTRY}`;
}

/** The free texts in the one order they have. Kinds that the vault does not know come last: what they are is for the verification to say. */
export function textsOnLine({ texts }: Pick<ExportedEntry, 'texts'>): TextsOnLine | undefined {
  if (texts.length === 0) return undefined;
  const rank = (kind: string): number => (TEXT_KINDS as readonly string[]).indexOf(kind) >>> 0;
  const sorted = [...texts].sort((a, b) => rank(a.kind) - rank(b.kind));
  return Object.fromEntries(
    sorted.map(({ kind, salt, text }) => [kind, { salt: salt.toString('hex'), text }]),
  );
}

export const jsonl: ExportFormat = {
  contentType: 'application/x-ndjson',
  line: (exported) =>
    Buffer.concat([
      Buffer.from(lineHead(exported.index, exported.leaf.toString('base64'), textsOnLine(exported))),
      exported.bytes,
      CLOSING,
    ]),
  positionBehind(line) {
    const [, index, leaf] = /^\{"index":(0|[1-9]\d{0,15}),"leaf":"([A-Za-z0-9+/=]*)"/.exec(line) ?? [];
    if (index !== undefined)
      return { next: Number(index) + 1, leaf: Buffer.from(leaf!, 'base64').toString('hex') };
    const frontier = readFrontierLine(line);
    return frontier && { next: frontier.size, leaf: undefined };
  },
};
const CLOSING = Buffer.from('}');

/** The line that says what the tree was before the first entry of the export. */
export function frontierLine({ size, hashes }: Frontier): string {
  const encoded = hashes.map((hash) => `"${Buffer.from(hash).toString('base64')}"`);
  return `${FRONTIER_LINE}{"size":${size},"hashes":[${encoded.join(',')}]}}`;
}

/** Reads what {@link frontierLine} wrote; null for any other spelling, and for what is no frontier of its size. */
export function readFrontierLine(line: string): Frontier | null {
  const [, size, list] = /^\{"frontier":\{"size":(0|[1-9]\d{0,15}),"hashes":\[(.*)\]\}\}$/.exec(line) ?? [];
  if (size === undefined) return null;
  const encoded = list === '' ? [] : list!.split(',').map((quoted) => quoted.slice(1, -1));
  const frontier = { size: Number(size), hashes: encoded.map((hash) => Buffer.from(hash, 'base64')) };
  const ones = [...frontier.size.toString(2)].filter((bit) => bit === '1').length;
  const fits = Number.isSafeInteger(frontier.size) && frontier.hashes.length === ones;
  return fits && frontier.hashes.every(isHash) && frontierLine(frontier) === line ? frontier : null;
}

/** Characters of a leaf's hash in base64. */
export const LEAF_CHARACTERS = Math.ceil(HASH_BYTES / 3) * 4;
