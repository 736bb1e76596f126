import { VaultError } from '../../errors.js';
import type { LogText } from '../../store/access-log/read.js';
import { type Entry, decodeEntry } from '../entry.js';

/** A free text as it stands beside an entry. */
export type EntryText = Omit<LogText, 'index'>;

/** An entry on its way out: its exact bytes, their hash, and the free texts that stand beside them. */
export class ExportedEntry {
  readonly index: number;
  readonly leaf: Buffer;
  readonly bytes: Buffer;
  readonly texts: readonly EntryText[];

  constructor(index: number, leaf: Buffer, bytes: Buffer, texts: readonly EntryText[]) {
    this.index = index;
    this.leaf = leaf;
    this.bytes = bytes;
    this.texts = texts;
  }

  /** What the bytes say. Throws PV9010 for bytes that are no entry. */
  get entry(): Entry {
    try {
      return decodeEntry(this.bytes);
    } catch {
      throw damaged(this.index);
    }
  }

  /** A free text by its kind; undefined where there is none (any more). */
  text(kind: string): string | undefined {
    return this.texts.find((text) => text.kind === kind)?.text;
  }
}

/** A format of the export: what one entry becomes, a line without its newline. */
export interface ExportFormat {
  /** What whole exports are served as. */
  readonly contentType: string;
  /** `version` is that of the program. Throws PV9010 for bytes that are no entry. */
  line(exported: ExportedEntry, version: string): string | Buffer;
  /** The position behind a line that {@link line} made, where an export goes on; null for any other text. */
  positionBehind(line: string): LinePosition | null;
}

/** Where an export goes on behind a line. */
export interface LinePosition {
  readonly next: number;
  /** The leaf hash of the line's entry in hex, by which the log is recognised; undefined where the format has no place for it. */
  readonly leaf: string | undefined;
}

/** The error for a log that cannot be exported as it is. */
export function damaged(index: number): VaultError {
  return new VaultError('PV9010', {}, `the access log is damaged at index ${index}`);
}
