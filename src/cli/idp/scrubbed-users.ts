import { createReadStream } from 'node:fs';
import { CommandError } from '../terminal.js';
import { checkOf, journalKey, userKey } from './journal.js';
import { linesOf } from '../lines.js';

/** What is wanted of a journal that is gone back on. */
export interface ScrubSubject {
  readonly provider: string;
  readonly issuer: string;
  /** What the scrub's run was authorized by: its journal names users under it. */
  readonly apiKey: string;
}

/** Whom a scrub has done, and what it removed of each, from its journal. It is kept in memory: some 200 bytes a user. */
export class ScrubbedUsers {
  readonly #key: Buffer;
  readonly #places = new Map<string, readonly string[]>();
  /** Most users have the same places: one list is enough. */
  readonly #lists = new Map<string, readonly string[]>();

  private constructor(key: Buffer) {
    this.#key = key;
  }

  /** Throws {@link CommandError} for a file that is no journal of such a scrub. */
  static async read(path: string, subject: ScrubSubject): Promise<ScrubbedUsers> {
    let users: ScrubbedUsers | null = null;
    try {
      for await (const text of linesOf(createReadStream(path) as AsyncIterable<Buffer>)) {
        const line = parsed(text);
        // The last line, where the machine stopped in the middle of it.
        if (line === null) break;
        if (users !== null) users.#add(line);
        else users = new ScrubbedUsers(keyOf(line, path, subject));
      }
    } catch (error) {
      if (error instanceof CommandError) throw error;
      throw new CommandError(`Cannot read ${path}: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}.`);
    }
    if (users === null) throw new CommandError(`${path} is no journal of a migration.`);
    return users;
  }

  /** What was removed of a user; undefined: the journal does not name them. */
  placesOf(id: string): readonly string[] | undefined {
    return this.#places.get(userKey(this.#key, id));
  }

  #add({ key, places = [] }: Line): void {
    if (typeof key !== 'string' || !Array.isArray(places)) return;
    const all = [...new Set([...(this.#places.get(key) ?? []), ...(places as string[])])];
    const name = JSON.stringify(all);
    const list = this.#lists.get(name) ?? all;
    this.#lists.set(name, list);
    this.#places.set(key, list);
  }
}

type Line = Readonly<Record<string, unknown>>;

/** The key of a journal, by its first line. */
function keyOf(line: Line, path: string, { provider, issuer, apiKey }: ScrubSubject): Buffer {
  if (line.journal !== 'coatcheck-idp' || line.v !== 1 || typeof line.salt !== 'string')
    throw new CommandError(`${path} is no journal of a migration.`);
  if (line.provider !== provider || line.issuer !== issuer || line.phase !== 'scrub')
    throw new CommandError(`${path} is not the journal of a scrub of this provider and issuer.`);
  const key = journalKey(apiKey, line.salt);
  if (line.check !== checkOf(key))
    throw new CommandError(`${path} was begun with another API key: --scrub-key-file must say which.`);
  return key;
}

function parsed(text: string): Line | null {
  try {
    return JSON.parse(text) as Line;
  } catch {
    return null;
  }
}
