import { CannotCheck, ProofError, fromBase64 } from './bytes.js';
import { verifyConsistency } from './merkle.js';
import {
  type Checkpoint,
  type SignedNote,
  type VerifierKey,
  parseCheckpoint,
  parseNote,
  signersOf,
} from './note.js';
import { type Step, failed, step } from './verdict.js';

/** Who is trusted to sign: keys that the auditor keeps, or only those that the vault itself lists. */
export interface Trusted {
  readonly keys: readonly VerifierKey[];
  readonly pasted: boolean;
}

/** A checkpoint with what the checks of it said; null where it cannot be read. */
export interface JudgedCheckpoint {
  readonly checkpoint: Checkpoint | null;
  readonly steps: readonly Step[];
}

/**
 * What this session believes of the log: only checkpoints that a trusted key signed, and each only if it and the largest one seen before are two states of one
 * growing log. Lives in memory and ends with the session.
 */
export class CheckpointTrust {
  trusted: Trusted = { keys: [], pasted: false };
  #seen: Checkpoint | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  readonly #prove: (from: number, to: number) => Promise<readonly string[]>;

  /** `prove` asks the vault for the consistency proof between two sizes. */
  constructor(prove: (from: number, to: number) => Promise<readonly string[]>) {
    this.#prove = prove;
  }

  /** Judges a signed note. One after the other: each is held against what the one before left. */
  judge(text: string): Promise<JudgedCheckpoint> {
    const judged = this.#turn.then(() => this.#judge(text));
    this.#turn = judged.catch(() => undefined);
    return judged;
  }

  async #judge(text: string): Promise<JudgedCheckpoint> {
    let note: SignedNote;
    let checkpoint: Checkpoint;
    try {
      note = parseNote(text);
      checkpoint = parseCheckpoint(note.text);
    } catch (error) {
      return { checkpoint: null, steps: [failed('Signature', error)] };
    }

    const { trusted } = this;
    const signature = await step('Signature', async () =>
      signatureSaid(await signersOf(note, trusted.keys), checkpoint, trusted),
    );
    const continuity = await step('Continuity', () => this.#continues(checkpoint));
    const believed = signature.result === 'right' && continuity.result === 'right';
    if (believed && checkpoint.size >= (this.#seen?.size ?? 0)) this.#seen = checkpoint;
    return { checkpoint, steps: [signature, continuity] };
  }

  async #continues(checkpoint: Checkpoint): Promise<string> {
    const seen = this.#seen;
    if (!seen) return 'It is the first one of this session; what comes later is held against it.';
    if (seen.origin !== checkpoint.origin)
      throw new ProofError('It is of another log than the one seen before.');
    const [older, newer] = seen.size <= checkpoint.size ? [seen, checkpoint] : [checkpoint, seen];
    const proof = older.size === newer.size ? [] : await this.#prove(older.size, newer.size);
    const grew = await verifyConsistency(
      older.size,
      newer.size,
      older.root,
      newer.root,
      proof.map(fromBase64),
    );
    if (!grew)
      throw new ProofError(`The log of ${newer.size} entries does not continue that of ${older.size}.`);
    return `The log of ${newer.size} entries continues that of ${older.size}, seen earlier in this session.`;
  }
}

function signatureSaid(
  signers: readonly VerifierKey[],
  { origin }: Checkpoint,
  { keys, pasted }: Trusted,
): string {
  if (keys.length === 0) throw new CannotCheck('There is no verifier key to check it with.');
  const witnesses = signers.filter(({ witness }) => witness).length;
  if (!signers.some(({ witness, name }) => !witness && name === origin)) {
    throw new ProofError('None of the trusted keys of this log signed it.');
  }
  const whose = pasted ? 'a key that you gave' : 'a key that the vault itself lists';
  return `It is signed with ${whose}${witnesses > 0 ? `, and cosigned by ${witnesses} of the witnesses` : ''}.`;
}
