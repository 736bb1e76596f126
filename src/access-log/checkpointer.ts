import type { Keyring, SigningKey } from '../crypto/index.js';
import { VaultError } from '../errors.js';
import { readLogHead } from '../store/access-log/append.js';
import {
  type StoredCheckpoint,
  addCheckpoint,
  checkpointAt,
  checkpointCovering,
  cosignaturesOf,
} from '../store/access-log/checkpoints.js';
import { type LogKeyRow, addLogKey, logKeys } from '../store/access-log/log-keys.js';
import type { Database } from '../store/database.js';
import { checkpointText } from './checkpoint.js';
import { LOG_SIGNATURE, type VerifierKey, formatNote, formatSignature, keyIdOf, parseNote } from './note.js';
import { verifyConsistency } from './proofs.js';
import { completeNodes, readConsistencyProof } from './tree-reader.js';
import { decodeFrontier, rootOf } from './tree.js';

/** Before every entry. */
const ANY = -1;
const FIRST_KEY = 1;
/** Clocks of two instances differ by so much without anybody having put one back. */
const SKEW_MS = 30_000;

/**
 * Signs what the log is: so many entries, this root (https://c2sp.org/tlog-checkpoint). It never signs a tree that does not continue the
 * one it signed before, nor where the clock was put back; either is an alarm, and nothing is signed until somebody has looked.
 */
export class Checkpointer {
  readonly #database: Database;
  readonly #keyring: Keyring;
  readonly #origin: string;
  readonly #now: () => Date;
  #signing: Promise<StoredCheckpoint> | undefined;
  #problem: string | null = null;

  /** `origin` names a log that has no key yet; afterwards the name stays. */
  constructor(database: Database, keyring: Keyring, origin: string, now: () => Date = () => new Date()) {
    this.#database = database;
    this.#keyring = keyring;
    this.#origin = origin;
    this.#now = now;
  }

  /** Why nothing can be signed; null while all is well. */
  get problem(): string | null {
    return this.#problem;
  }

  /** The newest checkpoint, which is made where there is none. Throws PV9010 as {@link sign} does. */
  async latest(): Promise<StoredCheckpoint> {
    return this.covering(ANY);
  }

  /** The newest checkpoint, and one that covers entry `index`, which must be there. Throws PV9010 as {@link sign} does. */
  async covering(index: number): Promise<StoredCheckpoint> {
    const stored = await checkpointCovering(this.#database, index);
    if (stored) return stored;
    const signed = await this.sign();
    // A run that was under way already may have read the head before the entry was there.
    return signed.size > index ? signed : this.sign();
  }

  /** Signs the log as it is, or finds that this has been done. Throws PV9010 where the log does not continue what was signed. */
  sign(): Promise<StoredCheckpoint> {
    this.#signing ??= this.#sign().finally(() => (this.#signing = undefined));
    return this.#signing;
  }

  /** A checkpoint's note with what witnesses said to it. */
  async note({ size, note }: StoredCheckpoint): Promise<string> {
    const cosignatures = await cosignaturesOf(this.#database, size);
    return note + cosignatures.map(({ line }) => line).join('');
  }

  /** The keys that sign or signed, oldest first; the first is made where there is none. */
  async keys(): Promise<LogKeyRow[]> {
    const rows = await logKeys(this.#database);
    if (rows.length > 0) return rows;
    await addLogKey(this.#database, this.#keyring.newLogKey(FIRST_KEY, this.#origin));
    return logKeys(this.#database);
  }

  /** Makes a new key the one that signs. The next checkpoint is signed by the old one too, so that verifiers can follow. */
  async rotateKey(): Promise<LogKeyRow[]> {
    const newest = (await this.keys()).at(-1)!;
    await addLogKey(this.#database, this.#keyring.newLogKey(newest.version + 1, newest.origin));
    return this.keys();
  }

  /**
   * Gives the log another name, with a key of its own, from the next entry on. A log that was put back to an earlier state can be told from a forgery by nobody who knows it by its old name; under a new one
   * it continues nothing but itself, and those who knew the old one have to say that they accept it. Resolves with the key; null where the log had the name before.
   */
  async rename(origin: string): Promise<LogKeyRow | null> {
    const keys = await this.keys();
    if (keys.some((key) => key.origin === origin)) return null;
    const key = this.#keyring.newLogKey(keys.at(-1)!.version + 1, origin);
    // Where another instance is faster, its key's version is taken.
    if (!(await addLogKey(this.#database, key))) return this.rename(origin);
    return (await this.keys()).find(({ version }) => version === key.version)!;
  }

  async #sign(): Promise<StoredCheckpoint> {
    const [last, head] = [await checkpointCovering(this.#database, ANY), await readLogHead(this.#database)];
    const now = this.#now();
    const tree = this.#treeOf(head);
    if (last && head.size < last.size) throw this.#refuse('the log is shorter than what was signed');
    if (last && now.getTime() < last.createdAt.getTime() - SKEW_MS)
      throw this.#refuse('the clock is behind the last checkpoint');
    if (last?.size === head.size) {
      if (!last.root.equals(tree)) throw this.#refuse('the log is another one than what was signed');
      this.#problem = null;
      return last;
    }

    await completeNodes(this.#database, head.size);
    if (last && last.size > 0) {
      const proof = await readConsistencyProof(this.#database, last.size, head.size);
      if (!verifyConsistency(last.size, head.size, last.root, tree, proof)) {
        throw this.#refuse('the log does not continue what was signed');
      }
    }
    const note = this.#sealed(await this.keys(), last, head.size, tree);
    // The times of checkpoints never go back, whichever instance made the one before.
    const createdAt = last && now < last.createdAt ? last.createdAt : now;
    const checkpoint = { size: head.size, root: tree, note, createdAt };
    const added = await addCheckpoint(this.#database, checkpoint);
    this.#problem = null;
    return added ? checkpoint : (await checkpointAt(this.#database, head.size))!;
  }

  #treeOf({ size, frontier }: { size: number; frontier: Buffer }): Buffer {
    try {
      return rootOf(decodeFrontier(size, frontier));
    } catch {
      throw this.#refuse('the head of the log is damaged');
    }
  }

  /** The signed note. Where the key changed since the last one, the old key vouches for the new, unless the name changed with it: of a name that has signed nothing yet all keys do. */
  #sealed(keys: readonly LogKeyRow[], last: StoredCheckpoint | null, size: number, root: Buffer): string {
    const active = keys.find(({ retiredAt }) => retiredAt === null)!;
    const own = keys.filter(({ origin }) => origin === active.origin);
    const known = last ? own.filter((key) => hasSigned(last.note, key)) : [];
    const vouching = known.length > 0 ? known : own;
    const signers = known.includes(active) ? [active] : [...new Set([...vouching, active])];
    const text = checkpointText({ origin: active.origin, size, root });
    const lines = signers.map((row) => {
      const key: SigningKey = this.#keyring.openLogKey(row);
      return formatSignature(verifierKeyOf(row), key.sign(Buffer.from(text)));
    });
    return formatNote(text, lines);
  }

  #refuse(problem: string): VaultError {
    this.#problem = problem;
    return new VaultError('PV9010', {}, problem);
  }
}

/** The public half of a stored key, as verifiers are configured with it. */
export function verifierKeyOf({ origin, publicKey }: LogKeyRow): VerifierKey {
  return { name: origin, type: LOG_SIGNATURE, publicKey };
}

function hasSigned(note: string, row: LogKeyRow): boolean {
  const id = keyIdOf(verifierKeyOf(row));
  return parseNote(note).signatures.some(({ name, keyId }) => name === row.origin && keyId === id);
}
