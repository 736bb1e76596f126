import type { ExportedLines } from '../../access-log/export/export-log.js';

/** Where an export goes. */
export interface Sink {
  /** The position to go on from; null: nothing was written there yet. */
  readonly resumeAt: number | null;
  /** Takes text that belongs to no entry, before the first line. */
  begin(preface: Buffer): Promise<void>;
  /** Takes lines in order; resolves when they are where they belong and more can be taken. False: nobody wants more. */
  write(lines: ExportedLines): Promise<boolean>;
  close(): Promise<void>;
}
