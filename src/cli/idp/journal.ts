import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { CommandError } from '../terminal.js';
import { linesOf } from '../lines.js';

/** What a run is about: a journal goes on only with the same. */
export interface JournalSubject {
  readonly provider: string;
  readonly issuer: string;
  readonly phase: string;
}

/** What became of one user. */
export interface JournalEntry {
  readonly id: string;
  readonly state: string;
  /** What is removed of the user at the provider: names of places, as the hook maps them. */
  readonly places?: readonly string[];
  /** An error's code. */
  readonly code?: string;
}

/** How far a journal is. */
export interface Progress {
  /** Users that are settled, from the first of the input. */
  readonly users: number;
  /** Bytes of the file of requests that belong to them. */
  readonly written: number;
}

/**
 * What has been done, a line a user and a line a page, durable page by page and without anything personal: users are there as keyed hashes under a key that is not, the vault's API key. A run that was
 * killed goes on behind the last whole page, once the input has been seen to be the same up to there.
 */
export class Journal {
  readonly #file: FileHandle;
  readonly #key: Buffer;
  #chain: Buffer;
  #bytes: number;
  #progress: Progress;
  readonly #isNew: boolean;
  readonly #resumed: { readonly users: number; readonly chain: string };

  private constructor(
    file: FileHandle,
    key: Buffer,
    progress: Progress,
    chain: string | null,
    bytes: number,
  ) {
    this.#isNew = chain === null;
    this.#bytes = bytes;
    this.#file = file;
    this.#key = key;
    this.#progress = progress;
    this.#resumed = { users: progress.users, chain: chain ?? '' };
    this.#chain = Buffer.alloc(0);
  }

  /** Opens a journal, or begins one. Throws {@link CommandError} for a file that is none, or another run's. */
  static async open(path: string, apiKey: string, subject: JournalSubject): Promise<Journal> {
    const file = await open(path, 'a+', 0o600).catch((error: unknown) => {
      throw new CommandError(`Cannot write ${path}: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}.`);
    });
    try {
      const known = await readJournal(file, path);
      const salt = known?.header.salt ?? randomBytes(16).toString('hex');
      const key = journalKey(apiKey, salt);
      const check = checkOf(key);
      if (known === null) {
        await file.appendFile(
          `${JSON.stringify({ journal: 'coatcheck-idp', v: 1, salt, check, ...subject })}\n`,
        );
        await file.sync();
        return new Journal(file, key, { users: 0, written: 0 }, null, (await file.stat()).size);
      }
      requireSame(known.header, check, subject, path);
      await file.truncate(known.end);
      return new Journal(file, key, { users: known.users, written: known.written }, known.chain, known.end);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Whether this run has begun it. */
  get isNew(): boolean {
    return this.#isNew;
  }

  get progress(): Progress {
    return this.#progress;
  }

  /** Takes note of a user whom an earlier run has settled. Throws {@link CommandError} where the input is not the one of that run. */
  pass(id: string, users: number): void {
    this.#chain = hash(this.#key, this.#chain, id);
    const { chain } = this.#resumed;
    if (users === this.#resumed.users && this.#chain.toString('hex') !== chain)
      throw new CommandError('The input is not the one that the journal is about. Begin another journal.');
  }

  /** Says what became of a page of users; durable when it resolves. */
  async settle(entries: readonly JournalEntry[], written: number): Promise<void> {
    const from = this.#progress.users;
    const lines = entries.map(({ id, ...said }, i) => {
      this.#chain = hash(this.#key, this.#chain, id);
      return JSON.stringify({ n: from + i, key: userKey(this.#key, id), ...said });
    });
    const users = from + entries.length;
    lines.push(JSON.stringify({ users, written, chain: this.#chain.toString('hex') }));
    const bytes = Buffer.from(`${lines.join('\n')}\n`);
    if ((await this.#file.stat()).size !== this.#bytes)
      throw new CommandError('Somebody else writes to the journal. Run one migration at a time.');
    await this.#file.appendFile(bytes);
    await this.#file.datasync();
    this.#bytes += bytes.length;
    this.#progress = { users, written };
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

interface Header extends Partial<JournalSubject> {
  readonly journal?: unknown;
  readonly v?: unknown;
  readonly salt?: string;
  readonly check?: string;
}

interface KnownJournal extends Progress {
  readonly header: Header;
  readonly chain: string;
  /** Behind the last whole page. */
  readonly end: number;
}

/** Null where there is none yet. A page that was not written to its end is not there. */
async function readJournal(file: FileHandle, path: string): Promise<KnownJournal | null> {
  const { size } = await file.stat();
  if (size === 0) return null;
  let at = 0;
  let known: KnownJournal | null = null;
  for await (const text of linesOf(
    file.createReadStream({ start: 0, autoClose: false }) as AsyncIterable<Buffer>,
  )) {
    at += Buffer.byteLength(text) + 1;
    const line = parsed(text);
    // The last line, where the machine stopped in the middle of it.
    if (line === null || at > size) break;
    if (known === null) {
      if (line.journal !== 'coatcheck-idp' || line.v !== 1) break;
      known = { header: line, users: 0, written: 0, chain: '', end: at };
    } else if (typeof line.users === 'number') {
      const { users, written, chain } = line as unknown as KnownJournal;
      known = { header: known.header, users, written, chain, end: at };
    }
  }
  if (known === null) throw new CommandError(`${path} is no journal of a migration.`);
  return known;
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return null;
  }
}

function requireSame(header: Header, check: string, subject: JournalSubject, path: string): void {
  const same = (Object.keys(subject) as (keyof JournalSubject)[]).every(
    (name) => header[name] === subject[name],
  );
  if (!same) throw new CommandError(`${path} is the journal of another provider, issuer or phase.`);
  const known = Buffer.from(header.check ?? '', 'hex');
  const own = Buffer.from(check, 'hex');
  if (known.length !== own.length || !timingSafeEqual(known, own))
    throw new CommandError(
      `${path} was begun with another API key. Begin another journal: to do users again changes nothing.`,
    );
}

/** The key under which a journal names users. */
export function journalKey(apiKey: string, salt: string): Buffer {
  return createHmac('sha256', apiKey).update(`coatcheck idp journal ${salt}`).digest();
}

/** What a journal says of its key, so that another is known to be another. */
export function checkOf(key: Buffer): string {
  return hash(key, 'check').toString('hex');
}

/** How a journal names a user. */
export function userKey(key: Buffer, id: string): string {
  return hash(key, 'user', id).subarray(0, 16).toString('hex');
}

function hash(key: Buffer, ...parts: readonly (string | Buffer)[]): Buffer {
  const hmac = createHmac('sha256', key);
  for (const part of parts) {
    const bytes = typeof part === 'string' ? Buffer.from(part) : part;
    hmac.update(`${bytes.length}:`).update(bytes);
  }
  return hmac.digest();
}
