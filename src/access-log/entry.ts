import { createHash, randomBytes } from 'node:crypto';

/** What became of a request: shown as stored, shown at least partly transformed, refused, or failed after it was recorded. */
export const OUTCOMES = ['allowed', 'masked', 'denied', 'failed'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** A property and the transformation it was asked for or shown through; null: as stored. */
export type Revelation = readonly [property: string, transformation: string | null];

/**
 * One thing that was decided on, as docs/FORMAT.md section 8 writes it: the operation of the policies; the property, `*` for anything in the collection,
 * or nothing for its tokens; the property's data type; the transformation asked for; whether only the plain value would do.
 */
export type RecordedTouch =
  | readonly [operation: string]
  | readonly [operation: string, anything: '*']
  | readonly [
      operation: string,
      property: string,
      typeName: string,
      transformation?: string | null,
      needsPlain?: true,
    ];

/** The kinds of free text, kept beside the log so that they can be erased. */
export const TEXT_KINDS = ['adhoc_reason', 'custom_audit'] as const;
export type TextKind = (typeof TEXT_KINDS)[number];

/** An entry as its bytes say it; docs/FORMAT.md section 8 fixes the order. Absent members are left out, never null. */
export interface Entry {
  readonly v: 1;
  /** RFC 3339, UTC. */
  readonly time: string;
  readonly request_id: string;
  readonly caller_request_id?: string;
  readonly user: string;
  readonly role: string;
  readonly key_id?: string;
  /** Issuer and subject of a caller that showed a JWT. */
  readonly issuer?: string;
  readonly subject?: string;
  /** For whom the caller acted under `role`, and the role of its own that was trusted with it. */
  readonly delegation?: {
    readonly issuer: string;
    readonly subject: string;
    readonly trusted_role: string;
  };
  /** The action that did this under `role`, its own, for the caller. */
  readonly action?: string;
  readonly operation: string;
  readonly collection?: string;
  readonly objects?: readonly string[];
  readonly tokens?: readonly string[];
  readonly asked?: readonly Revelation[];
  readonly revealed?: readonly Revelation[];
  readonly touches?: readonly RecordedTouch[];
  readonly reason?: string;
  readonly reason_defaulted?: boolean;
  readonly adhoc_hash?: string;
  readonly custom_hash?: string;
  readonly outcome: Outcome;
  readonly rule?: string;
  /** The Admin, while the settings let it read data. */
  readonly admin_reads?: true;
  readonly iam_version: number;
  readonly tenants?: readonly string[];
  readonly remote_addr?: string;
  readonly error_code?: string;
  /** Index of the entry that this one completes. */
  readonly refers?: number;
  /** How many events one entry stands for. */
  readonly count?: number;
  /** Positions whose free texts this entry's request erased. */
  readonly erased?: readonly number[];
  /** The entries that the operation was about: from the first, up to, not including, the second position. */
  readonly range?: readonly [from: number, to: number];
}

/** What an entry is made of; the free texts become salted hashes. */
export interface EntryDraft extends Omit<Entry, 'v' | 'adhoc_hash' | 'custom_hash'> {
  readonly texts?: Partial<Record<TextKind, string>>;
}

/** A free text and the salt its hash was made with. */
export interface SaltedText {
  readonly kind: TextKind;
  readonly salt: Buffer;
  readonly text: string;
}

/** Exactly so many bytes, or text could be moved into the salt. */
export const SALT_BYTES = 16;

/** The exact bytes of an entry, and its free texts with the salts of their hashes. */
export function encodeEntry(draft: EntryDraft): { bytes: Buffer; texts: SaltedText[] } {
  const texts = TEXT_KINDS.flatMap((kind): SaltedText[] => {
    const text = draft.texts?.[kind];
    return text === undefined ? [] : [{ kind, salt: randomBytes(SALT_BYTES), text }];
  });
  const hashOf = (kind: TextKind): string | undefined => {
    const salted = texts.find((text) => text.kind === kind);
    return salted && textHash(salted.salt, salted.text);
  };

  // The members in the order in which they are written; the compiler says when one is missing here.
  const entry = {
    v: 1,
    time: said(draft.time),
    request_id: said(draft.request_id),
    caller_request_id: said(draft.caller_request_id),
    user: said(draft.user),
    role: said(draft.role),
    key_id: said(draft.key_id),
    issuer: said(draft.issuer),
    subject: said(draft.subject),
    delegation: said(draft.delegation),
    action: said(draft.action),
    operation: said(draft.operation),
    collection: said(draft.collection),
    objects: said(draft.objects),
    tokens: said(draft.tokens),
    asked: said(draft.asked),
    revealed: said(draft.revealed),
    touches: said(draft.touches),
    reason: said(draft.reason),
    reason_defaulted: said(draft.reason_defaulted),
    adhoc_hash: hashOf('adhoc_reason'),
    custom_hash: hashOf('custom_audit'),
    outcome: said(draft.outcome),
    rule: said(draft.rule),
    admin_reads: said(draft.admin_reads),
    iam_version: said(draft.iam_version),
    tenants: said(draft.tenants),
    remote_addr: said(draft.remote_addr),
    error_code: said(draft.error_code),
    refers: said(draft.refers),
    count: said(draft.count),
    erased: said(draft.erased),
    range: said(draft.range),
  } satisfies Record<keyof Entry, unknown>;
  return { bytes: Buffer.from(jsonOf(entry)), texts };
}

/** What JSON can write and the database has no text for: U+0000, and half a pair of surrogates. JSON escapes nothing else that way. */
const NO_TEXT = /\\u0000|\\ud[89a-f]/i;

/** One entry that cannot be projected would keep all behind it from being found: what is no text is replaced. */
function jsonOf(entry: object): string {
  const json = JSON.stringify(entry);
  if (!NO_TEXT.test(json)) return json;
  return JSON.stringify(entry, (_, value: unknown) =>
    typeof value === 'string' ? value.toWellFormed().replaceAll('\0', '\ufffd') : value,
  );
}

/** The entry that bytes of the log say. Throws a SyntaxError for bytes that are no entry. */
export function decodeEntry(bytes: Uint8Array): Entry {
  const entry = JSON.parse(Buffer.from(bytes).toString('utf8')) as Entry;
  if (entry.v !== 1) throw new SyntaxError('an entry of an unknown version');
  return entry;
}

/** The commitment to a free text: SHA-256 over salt and UTF-8, in hex. */
export function textHash(salt: Uint8Array, text: string): string {
  return createHash('sha256').update(salt).update(text).digest('hex');
}

/** What JSON leaves out where there is nothing to say. */
function said<T>(value: T): T | undefined {
  if (value === undefined || value === null || value === false) return undefined;
  return Array.isArray(value) && value.length === 0 ? undefined : value;
}
