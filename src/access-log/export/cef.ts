import { type Action, actionOf } from './actions.js';
import type { ExportFormat, ExportedEntry } from './exported-entry.js';

/*
 * ArcSight Common Event Format, version 0: seven header fields behind bars, then key=value pairs behind spaces. In the header backslash and bar are escaped, in a value
 * backslash, equals sign and line ends.
 */

const SEVERITY = { allowed: 3, masked: 3, denied: 6, failed: 6 } as const;
const NAMES: Readonly<Record<Action, string>> = {
  authenticate: 'Authentication',
  'iam-read': 'IAM read',
  'iam-change': 'IAM changed',
  'credential-change': 'Credential changed',
  read: 'Data read',
  list: 'Data listed',
  query: 'Data queried',
  create: 'Data created',
  update: 'Data updated',
  delete: 'Data deleted',
  encrypt: 'Data encrypted',
  decrypt: 'Data decrypted',
  other: 'Activity',
};

export const cef: ExportFormat = {
  contentType: 'text/plain; charset=utf-8',
  line(exported, version) {
    const { entry } = exported;
    const header = [
      'CEF:0',
      'Coatcheck',
      'Coatcheck',
      version,
      entry.operation,
      NAMES[actionOf(entry.operation)],
      String(SEVERITY[entry.outcome] ?? SEVERITY.failed),
    ];
    const pairs = Object.entries(extensionOf(exported)).filter(
      ([, value]) => value !== undefined && value !== '',
    );
    return `${header.map(escapedInHeader).join('|')}|${pairs.map(([key, value]) => `${key}=${escaped(String(value))}`).join(' ')}`;
  },

  positionBehind(line) {
    // Behind the header no value has an equals sign that is not escaped.
    const index = /^CEF:0\|Coatcheck\|.*?\|rt=\d+ externalId=(\d+) /.exec(line)?.[1];
    return index === undefined ? null : { next: Number(index) + 1, leaf: undefined };
  },
};

function extensionOf(exported: ExportedEntry): Record<string, string | number | undefined> {
  const { entry, index } = exported;
  return {
    rt: Date.parse(entry.time),
    externalId: index,
    outcome: entry.outcome,
    act: entry.operation,
    suser: entry.user,
    spriv: entry.role,
    suid: entry.subject,
    src: entry.remote_addr?.includes('/') ? undefined : entry.remote_addr,
    reason: entry.rule,
    cnt: entry.count,
    msg: exported.text('adhoc_reason'),
    ...labelled(1, 'request', entry.request_id),
    ...labelled(2, 'collection', entry.collection),
    ...labelled(3, 'objects', entry.objects?.join(',')),
    ...labelled(4, 'properties', revealedOf(exported)),
    ...labelled(5, 'accessReason', entry.reason),
    ...labelled(6, 'customAudit', exported.text('custom_audit')),
    flexString1: entry.error_code,
    flexString1Label: entry.error_code && 'errorCode',
    flexString2: entry.tokens?.join(','),
    flexString2Label: entry.tokens && 'tokenReferences',
  };
}

function revealedOf({ entry }: ExportedEntry): string | undefined {
  return entry.revealed?.map(([property, how]) => (how === null ? property : `${property}.${how}`)).join(',');
}

/** One of the six texts that a product may give a meaning of its own. */
function labelled(nth: number, label: string, value: string | undefined): Record<string, string> {
  return value === undefined || value === '' ? {} : { [`cs${nth}`]: value, [`cs${nth}Label`]: label };
}

function escapedInHeader(text: string): string {
  return visible(text.replace(/[\r\n]+/g, ' ')).replace(/[\\|]/g, '\\$&');
}

function escaped(text: string): string {
  return visible(text.replace(/[\\=]/g, '\\$&').replace(/\n/g, '\\n').replace(/\r/g, '\\r'));
}

/** Control characters and what some readers take for a line end, which CEF cannot escape, as what they are: nobody's terminal acts on them. */
function visible(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g,
    (character) => `[U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}]`,
  );
}
