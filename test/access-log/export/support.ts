import fc from 'fast-check';
import { type EntryDraft, encodeEntry } from '../../../src/access-log/entry.js';
import { ExportedEntry } from '../../../src/access-log/export/exported-entry.js';
import { jsonl } from '../../../src/access-log/export/jsonl.js';
import { leafHash } from '../../../src/access-log/tree.js';
import { draft } from '../support.js';

/** What breaks lines, fields and terminals. */
const NASTY = [
  '\r\n',
  '\n',
  '\r',
  '\u001b[31m\u001b]0;x\u0007',
  '|',
  '=',
  '\\',
  '\\n',
  '\\|',
  'a=b c=d',
  'externalId=7 ',
  '"',
  "'",
  '","entry":{"v":1}',
  '}}',
  '{"index":0,"leaf":"',
  '{"a":"{\\"b\\":1}"}',
  '\u2028\u2029\u0085\u007f\u009b31m',
  '\t\u000b\u000c',
  ' ',
  'ü€😀',
  'CEF:0|a|b|c|1|n|3|',
  '--',
  '<!-- x -->',
];

/** A free text somebody might have sent: any well-formed one without NUL, and the ones that hurt. */
const freeText: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: 'binary', maxLength: 6 })), {
    minLength: 1,
    maxLength: 8,
  })
  .map((parts) => parts.join('').replaceAll('\0', '').toWellFormed())
  .filter((text) => text !== '');

/** Entries as callers could cause them: what a caller chooses is anything. */
export const anyDraft: fc.Arbitrary<EntryDraft> = fc
  .record(
    {
      n: fc.nat(100_000),
      adhoc: fc.option(freeText, { nil: undefined }),
      custom: fc.option(freeText, { nil: undefined }),
      user: freeText,
      subject: freeText,
      caller_request_id: freeText,
      collection: fc.option(freeText, { nil: undefined }),
      operation: fc.constantFrom(
        'detokenize',
        'authenticate',
        'setIamConf',
        'setAdminApiKey',
        'deleteTokens',
        'x|y=z',
      ),
      outcome: fc.constantFrom('allowed', 'masked', 'denied', 'failed'),
      tenants: fc.array(freeText, { maxLength: 2 }),
      rule: freeText,
    },
    { requiredKeys: ['n', 'adhoc', 'custom', 'user', 'operation', 'outcome', 'collection'] },
  )
  .map(({ n, adhoc, custom, ...rest }) =>
    draft(n, {
      ...rest,
      texts: {
        ...(adhoc !== undefined && { adhoc_reason: adhoc }),
        ...(custom !== undefined && { custom_audit: custom }),
      },
    }),
  );

/** An entry as the export has it. */
export function exported(index: number, given: EntryDraft): ExportedEntry {
  const { bytes, texts } = encodeEntry(given);
  return new ExportedEntry(index, leafHash(bytes), bytes, texts);
}

/** A whole export of these entries. */
export function exportOf(entries: readonly ExportedEntry[]): Buffer {
  return Buffer.concat(entries.flatMap((entry) => [Buffer.from(jsonl.line(entry, '')), Buffer.from('\n')]));
}
