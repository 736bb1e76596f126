import { cef } from './cef.js';
import { ecs } from './ecs.js';
import type { ExportFormat } from './exported-entry.js';
import { jsonl } from './jsonl.js';
import { ocsf } from './ocsf.js';

/** The formats of the export. `jsonl` alone can be verified; the others are for those who know their schema. Adding one is its file and a word here. */
export const EXPORT_FORMATS = { jsonl, ocsf, ecs, cef } as const satisfies Record<string, ExportFormat>;

export type ExportFormatName = keyof typeof EXPORT_FORMATS;
