import type { SigningKey } from '../../crypto/index.js';
import { type Checkpoint, parseCheckpointText } from '../checkpoint.js';
import {
  COSIGNATURE,
  NoteError,
  type SignedNote,
  type VerifierKey,
  cosignedText,
  formatSignature,
  parseNote,
  signersOf,
  timestamped,
} from '../note.js';
import { verifyConsistency } from '../proofs.js';
import { EMPTY_FRONTIER, HASH_BYTES, rootOf } from '../tree.js';
import type { Remembered, WitnessMemory } from './memory.js';

const MOST_PROOF_LINES = 63;
const EMPTY: Remembered = { size: 0, root: rootOf(EMPTY_FRONTIER) };

/** What is answered over HTTP. */
export interface WitnessAnswer {
  readonly status: 200 | 400 | 403 | 404 | 409 | 422;
  readonly contentType: string;
  readonly body: string;
}

/**
 * A witness: it cosigns a checkpoint only where it continues the last one it cosigned, so a log that was cut off, rolled back, forked or signed
 * with a stolen key gets no cosignature any more (https://c2sp.org/tlog-witness).
 */
export class Witness {
  /** What logs and verifiers are configured with. */
  readonly key: VerifierKey;
  readonly #signing: SigningKey;
  readonly #logs: readonly VerifierKey[];
  readonly #memory: WitnessMemory;
  readonly #now: () => number;
  #last: Promise<unknown> = Promise.resolve();

  /** `logs` are the keys of the logs it watches; each origin may have several. `now` in milliseconds since 1970. */
  constructor(
    name: string,
    signing: SigningKey,
    logs: readonly VerifierKey[],
    memory: WitnessMemory,
    now: () => number = () => Date.now(),
  ) {
    this.key = { name, type: COSIGNATURE, publicKey: signing.publicKey };
    this.#signing = signing;
    this.#logs = logs;
    this.#memory = memory;
    this.#now = now;
  }

  /** Answers one add-checkpoint request. One after the other: comparing with what is remembered and remembering belong together. */
  addCheckpoint(body: string): Promise<WitnessAnswer> {
    const answer = this.#last.then(() => this.#answer(body));
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  async #answer(body: string): Promise<WitnessAnswer> {
    let request: AddCheckpoint;
    try {
      request = parseRequest(body);
    } catch (error) {
      if (error instanceof NoteError) return refusal(400);
      throw error;
    }
    const { oldSize, proof, note, checkpoint } = request;
    const keys = this.#logs.filter(({ name }) => name === checkpoint.origin);
    if (keys.length === 0) return refusal(404);
    if (!isSignedBy(note, keys)) return refusal(403);
    if (oldSize > checkpoint.size) return refusal(400);

    const known = (await this.#memory.read(checkpoint.origin)) ?? EMPTY;
    if (oldSize !== known.size) return conflict(known);
    if (oldSize === checkpoint.size && !checkpoint.root.equals(known.root)) return conflict(known);
    if (!continues(known, checkpoint, proof)) return refusal(422);

    await this.#memory.write(checkpoint.origin, checkpoint);
    const time = Math.floor(this.#now() / 1_000);
    const signature = this.#signing.sign(cosignedText(note.text, time));
    return answer(200, formatSignature(this.key, timestamped(time, signature)));
  }
}

interface AddCheckpoint {
  readonly oldSize: number;
  readonly proof: readonly Buffer[];
  readonly note: SignedNote;
  readonly checkpoint: Checkpoint;
}

/** Takes a request apart. Throws {@link NoteError}. */
function parseRequest(body: string): AddCheckpoint {
  const end = body.indexOf('\n\n');
  const [first, ...lines] = body.slice(0, Math.max(0, end)).split('\n');
  const oldSize = Number(/^old (0|[1-9]\d{0,15})$/.exec(first!)?.[1] ?? NaN);
  if (!Number.isSafeInteger(oldSize) || lines.length > MOST_PROOF_LINES)
    throw new NoteError('that is no request');
  const proof = lines.map((line) => Buffer.from(line, 'base64'));
  if (proof.some((hash, i) => hash.length !== HASH_BYTES || hash.toString('base64') !== lines[i])) {
    throw new NoteError('that is no proof');
  }
  const note = parseNote(body.slice(end + 2));
  return { oldSize, proof, note, checkpoint: parseCheckpointText(note.text) };
}

function isSignedBy(note: SignedNote, keys: readonly VerifierKey[]): boolean {
  try {
    return signersOf(note, keys).length > 0;
  } catch (error) {
    if (error instanceof NoteError) return false;
    throw error;
  }
}

/** Whether the tree is the known one with more entries, or the known one itself. From nothing everything continues. */
function continues(known: Remembered, { size, root }: Checkpoint, proof: readonly Buffer[]): boolean {
  if (known.size === 0) return proof.length === 0 && (size > 0 || root.equals(EMPTY.root));
  return verifyConsistency(known.size, size, known.root, root, proof);
}

/** Says what the witness knows, so that the log can prove from there. */
function conflict({ size }: Remembered): WitnessAnswer {
  return { status: 409, contentType: 'text/x.tlog.size', body: `${size}\n` };
}

function refusal(status: 400 | 403 | 404 | 422): WitnessAnswer {
  return answer(status, '');
}

function answer(status: WitnessAnswer['status'], body: string): WitnessAnswer {
  return { status, contentType: 'text/plain; charset=utf-8', body };
}
