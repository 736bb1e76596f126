import {
  type StoredCheckpoint,
  addCosignature,
  checkpointCovering,
  cosignedSize,
} from '../../store/access-log/checkpoints.js';
import type { Database } from '../../store/database.js';
import { COSIGNATURE, NoteError, type VerifierKey, parseNote, parseVerifierKey, signersOf } from '../note.js';
import { readConsistencyProof } from '../tree-reader.js';

/** Before every entry. */
const ANY = -1;
const TIMEOUT_MS = 5_000;
const LONGEST_ANSWER = 16_384;

/** A witness to ask: where it is and the key it must answer with. */
export interface WitnessAddress {
  readonly url: string;
  readonly key: VerifierKey;
}

/** Reads `<verifier key> <URL>`. Throws {@link NoteError} with a sentence. */
export function parseWitnessAddress(text: string): WitnessAddress {
  const [vkey, url, ...rest] = text.trim().split(/\s+/);
  const key = parseVerifierKey(vkey ?? '');
  if (key.type !== COSIGNATURE) throw new NoteError('that is the key of a log, not of a witness');
  if (rest.length > 0 || !url || !/^https?:\/\//.test(url) || !URL.canParse(url)) {
    throw new NoteError('a witness is its key, a space and an http or https URL');
  }
  return { url: url.replace(/\/+$/, ''), key };
}

/** Asks one witness to cosign checkpoints, and knows how that went. */
export class WitnessClient {
  readonly address: WitnessAddress;
  readonly #database: Database;
  #problem: string | null = null;
  #refused = false;

  constructor(database: Database, address: WitnessAddress) {
    this.#database = database;
    this.address = address;
  }

  /** What went wrong last; null while all is well. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Whether the witness says that this log is not the one it knows, which is an alarm. Being out of reach is none. */
  get refused(): boolean {
    return this.#refused;
  }

  /** Takes over how it went for another process of this instance. */
  learn({ problem, refused }: Pick<WitnessClient, 'problem' | 'refused'>): void {
    this.#problem = problem;
    this.#refused = refused;
  }

  /** Has a checkpoint cosigned unless it is. Never throws: what went wrong is in {@link problem}. */
  async submit(checkpoint: StoredCheckpoint): Promise<void> {
    try {
      const known = await cosignedSize(this.#database, this.address.key.name);
      if (known > checkpoint.size) return await this.#checkAhead(known);
      if (known === checkpoint.size && known > 0) return;
      await this.#submit(checkpoint, known, true);
    } catch (error) {
      this.#failed(error instanceof NoteError ? error.message : 'it cannot be reached', false);
    }
  }

  /** Another instance had a later checkpoint cosigned, or the log was cut off and this was left behind. */
  async #checkAhead(known: number): Promise<void> {
    const newest = await checkpointCovering(this.#database, ANY);
    if (!newest || newest.size < known) this.#failed('it cosigned a longer log: this one was cut off', true);
  }

  async #submit(checkpoint: StoredCheckpoint, known: number, mayRepeat: boolean): Promise<void> {
    const proof = known === 0 ? [] : await readConsistencyProof(this.#database, known, checkpoint.size);
    const lines = proof.map((hash) => `${hash.toString('base64')}\n`).join('');
    const answer = await fetch(`${this.address.url}/add-checkpoint`, {
      method: 'POST',
      body: `old ${known}\n${lines}\n${checkpoint.note}`,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const body = (await answer.text()).slice(0, LONGEST_ANSWER);

    if (answer.status === 200) return this.#accept(checkpoint, body);
    if (answer.status === 409) {
      const size = /^\d{1,15}\n?$/.test(body) ? Number(body) : NaN;
      if (size > checkpoint.size)
        return this.#failed('it knows a longer log: this one was rolled back', true);
      // Another instance was faster, or the witness remembers what this database does not.
      if (size !== known && mayRepeat) return this.#submit(checkpoint, size, false);
      return this.#failed('it knows another log of this size', true);
    }
    const isRefusal = answer.status === 422 || answer.status === 403 || answer.status === 404;
    this.#failed(REASONS[answer.status] ?? `it answered ${answer.status}`, isRefusal);
  }

  async #accept(checkpoint: StoredCheckpoint, lines: string): Promise<void> {
    const { key } = this.address;
    const note = parseNote(checkpoint.note + lines);
    if (signersOf(note, [key]).length === 0) throw new NoteError('it signed with another key');
    const mine = lines.split('\n').find((line) => line.startsWith(`— ${key.name} `))!;
    await addCosignature(this.#database, { size: checkpoint.size, witness: key.name, line: `${mine}\n` });
    this.#problem = null;
    this.#refused = false;
  }

  #failed(problem: string, refused: boolean): void {
    this.#problem = problem;
    this.#refused = refused;
  }
}

const REASONS: Readonly<Record<number, string>> = {
  403: 'it does not know the key that signs',
  404: 'it does not know this log',
  422: 'the log does not continue the one it knows',
};
