import fc from 'fast-check';
import { EXPORT_FORMATS, type ExportFormatName } from '../../../src/access-log/export/formats.js';
import type { ExportedEntry } from '../../../src/access-log/export/exported-entry.js';
import { leafHash } from '../../../src/access-log/tree.js';
import { textHash } from '../../../src/access-log/entry.js';
import { draft } from '../support.js';
import { anyDraft, exported } from './support.js';

const NAMES = Object.keys(EXPORT_FORMATS) as ExportFormatName[];
const VERSION = '1.2.3';
/** What a reader of lines may take for the end of one, and what a terminal acts on. */
const DANGEROUS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

const lineOf = (name: ExportFormatName, entry: ExportedEntry): string =>
  EXPORT_FORMATS[name].line(entry, VERSION).toString();

describe.each(NAMES)('%s', (name) => {
  test('whatever the texts say, an entry is one line, and its position can be read from it', () => {
    fc.assert(
      fc.property(anyDraft, fc.nat(), (given, index) => {
        const entry = exported(index, given);
        const line = lineOf(name, entry);
        expect(line).not.toMatch(/[\r\n]/);
        const leaf = name === 'cef' ? undefined : entry.leaf.toString('hex');
        expect(EXPORT_FORMATS[name].positionBehind(line)).toEqual({ next: index + 1, leaf });
      }),
      { numRuns: 500 },
    );
  });

  test('another text has no position', () => {
    for (const text of [
      '',
      'x',
      '{}',
      'null',
      '{"index":-1,"leaf":"',
      'CEF:0|Other|x|1|2|3|4|rt=1 externalId=2 ',
    ]) {
      expect(EXPORT_FORMATS[name].positionBehind(text)).toBeNull();
    }
  });
});

test.each(['ocsf', 'ecs', 'cef'] as const)(
  '%s leaves no control character for a terminal to act on',
  (name) => {
    fc.assert(
      fc.property(anyDraft, (given) => {
        expect(lineOf(name, exported(1, given))).not.toMatch(DANGEROUS);
      }),
      { numRuns: 500 },
    );
  },
);

test('jsonl is plain JSON with the exact bytes last, and the texts fit what the entry commits to', () => {
  fc.assert(
    fc.property(anyDraft, fc.nat(), (given, index) => {
      const entry = exported(index, given);
      const line = lineOf('jsonl', entry);
      const parsed = JSON.parse(line) as {
        index: number;
        leaf: string;
        texts?: Record<string, { salt: string; text: string }>;
        entry: { adhoc_hash?: string; custom_hash?: string };
      };
      expect(parsed.index).toBe(index);
      const cut = Buffer.from(line.slice(line.indexOf(',"entry":') + ',"entry":'.length, -1));
      expect(cut.equals(entry.bytes)).toBe(true);
      expect(leafHash(cut).toString('base64')).toBe(parsed.leaf);
      const hashOf = (kind: string): string | undefined => {
        const said = parsed.texts?.[kind];
        return said && textHash(Buffer.from(said.salt, 'hex'), said.text);
      };
      expect([hashOf('adhoc_reason'), hashOf('custom_audit')]).toEqual([
        parsed.entry.adhoc_hash,
        parsed.entry.custom_hash,
      ]);
      expect(parsed.texts?.adhoc_reason?.text).toBe(given.texts?.adhoc_reason);
    }),
    { numRuns: 500 },
  );
});

test('ocsf: the type is made of class and activity, the class of the category, and the texts come through', () => {
  fc.assert(
    fc.property(anyDraft, (given) => {
      const event = JSON.parse(lineOf('ocsf', exported(3, given))) as Record<string, number> & {
        unmapped: Record<string, unknown>;
        actor: { user: { name: string } };
      };
      expect(event.type_uid).toBe(event.class_uid! * 100 + event.activity_id!);
      expect(event.category_uid).toBe(Math.floor(event.class_uid! / 1000));
      expect(event.unmapped.adhoc_reason).toBe(given.texts?.adhoc_reason);
      expect(event.actor.user.name).toBe(given.user);
      expect(event.time).toBe(Date.parse(given.time));
    }),
    { numRuns: 300 },
  );
});

test.each([
  ['detokenize', 600501],
  ['getObjectById', 600501],
  ['updateObjectById', 600502],
  ['searchObjects', 600504],
  ['tokenize', 600506],
  ['deleteTokens', 600507],
  ['listCollections', 600508],
  ['encrypt', 600509],
  ['decryptBlob', 600510],
  ['integrityAlarm', 600599],
  ['authenticate', 300201],
  ['getIamConf', 300402],
  ['setIamConf', 300403],
  ['regenerateUserApiKey', 300103],
])('ocsf: %s is %i', (operation, type) => {
  const event = JSON.parse(lineOf('ocsf', exported(0, draft(0, { operation })))) as { type_uid: number };
  expect(event.type_uid).toBe(type);
});

test('ecs: category, outcome and texts', () => {
  fc.assert(
    fc.property(anyDraft, (given) => {
      const event = JSON.parse(lineOf('ecs', exported(3, given))) as {
        event: { category: string[]; type: string[]; outcome: string; sequence: number };
        user: { name: string };
        coatcheck: Record<string, unknown>;
      };
      const isIam = ['setIamConf', 'setAdminApiKey'].includes(given.operation);
      const category = given.operation === 'authenticate' ? 'authentication' : isIam ? 'iam' : 'database';
      expect(event.event.category[0]).toBe(category);
      expect(event.event.outcome).toBe(['denied', 'failed'].includes(given.outcome) ? 'failure' : 'success');
      expect(event.event.type.includes('denied')).toBe(given.outcome === 'denied');
      expect(event.user.name).toBe(given.user);
      expect(event.coatcheck.custom_audit).toBe(given.texts?.custom_audit);
    }),
    { numRuns: 300 },
  );
});

test('cef: header and values come apart where they were put together', () => {
  fc.assert(
    fc.property(anyDraft, (given) => {
      const { header, extension } = parseCef(lineOf('cef', exported(3, given)));
      expect(header.slice(0, 5)).toEqual(['CEF:0', 'Coatcheck', 'Coatcheck', VERSION, given.operation]);
      expect(extension.get('suser')).toBe(shown(given.user));
      expect(extension.get('msg')).toBe(shown(given.texts?.adhoc_reason));
      expect(extension.get('cs6')).toBe(shown(given.texts?.custom_audit));
      expect(extension.get('externalId')).toBe('3');
      expect(extension.get('outcome')).toBe(given.outcome);
    }),
    { numRuns: 500 },
  );
});

/** A text as CEF can carry it: control characters other than line ends have no escape there. */
function shown(text: string | undefined): string | undefined {
  return text?.replace(
    /[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029]/g,
    (character) => `[U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}]`,
  );
}

/** A parser as collectors have it: seven fields to the first bars that are not escaped, then keys in front of equals signs that are not. */
function parseCef(line: string): { header: string[]; extension: Map<string, string> } {
  const header: string[] = [];
  let field = '';
  let at = 0;
  for (; header.length < 7; at++) {
    if (line[at] === undefined) throw new Error('the header ends too early');
    if (line[at] === '\\') field += line[++at];
    else if (line[at] === '|') [header[header.length], field] = [field, ''];
    else field += line[at];
  }
  const extension = new Map<string, string>();
  const equals = [...line.slice(at).matchAll(/(?<!\\)(?:\\\\)*=/g)].map(
    ({ index, 0: found }) => at + index + found.length - 1,
  );
  equals.forEach((sign, i) => {
    const key = line.slice(line.lastIndexOf(' ', sign) > at ? line.lastIndexOf(' ', sign) + 1 : at, sign);
    const end = i + 1 < equals.length ? line.lastIndexOf(' ', equals[i + 1]) : line.length;
    extension.set(
      key,
      line
        .slice(sign + 1, end)
        .replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c === 'r' ? '\r' : c)),
    );
  });
  return { header, extension };
}
