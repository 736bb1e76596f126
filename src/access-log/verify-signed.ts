import { readLogHead } from '../store/access-log/append.js';
import {
  type StoredCheckpoint,
  checkpointCovering,
  checkpointsFrom,
} from '../store/access-log/checkpoints.js';
import { logKeys } from '../store/access-log/log-keys.js';
import type { Database } from '../store/database.js';
import { type Checkpoint, checkpointText, parseCheckpointText } from './checkpoint.js';
import { verifierKeyOf } from './checkpointer.js';
import { NoteError, type VerifierKey, parseNote, signersOf } from './note.js';
import { type Frontier, appendLeaves, rootOf } from './tree.js';
import { NodeVerifier } from './verify-nodes.js';
import { Wrong } from './wrong.js';

/** What is known of a log from elsewhere; without anything, what the database says of itself is believed. */
export interface KnownOfLog {
  /** Keys that sign its checkpoints. */
  readonly keys: readonly VerifierKey[];
  /** Checkpoints it had; whoever passes them has checked their signatures. */
  readonly checkpoints: readonly Checkpoint[];
}
export const NOTHING_KNOWN: KnownOfLog = { keys: [], checkpoints: [] };

/**
 * Holds what was derived from the log against the leaves, chunk by chunk: the stored nodes, and every checkpoint with its signature. A log
 * that was rewritten whole, head and all, is found here unless the signing key was stolen with it.
 */
export class SignedTreeVerifier {
  readonly #database: Database;
  readonly #known: KnownOfLog;
  #keys: readonly VerifierKey[];
  readonly #nodes: NodeVerifier;
  #signedSize = 0;

  private constructor(database: Database, known: KnownOfLog, nodes: NodeVerifier) {
    this.#database = database;
    this.#keys = known.keys;
    this.#known = known;
    this.#nodes = nodes;
  }

  /** For a log of `size` entries. Throws {@link Wrong}. */
  static async open(database: Database, size: number, known: KnownOfLog): Promise<SignedTreeVerifier> {
    const newest = await checkpointCovering(database, -1);
    const nodes = await NodeVerifier.open(database);
    const signed = newest?.size ?? 0;
    // Both may be of entries that came behind `size` since that was read; then the head says so by now.
    const grown = Math.max(signed, nodes.size) > size ? (await readLogHead(database)).size : size;
    if (signed > grown) throw new Wrong(size, `the log had ${signed} entries when it was signed`);
    if (nodes.size > grown) throw new Wrong(size, 'there are roots of entries that are not there');
    const ahead = known.checkpoints.find((checkpoint) => checkpoint.size > size);
    if (ahead) throw new Wrong(size, `the log had ${ahead.size} entries at a checkpoint kept elsewhere`);
    return new SignedTreeVerifier(database, known, nodes);
  }

  /** Takes the leaves behind `before`, which go on where those before ended; returns the frontier behind them. Throws {@link Wrong}. */
  async take(before: Frontier, leaves: readonly Buffer[]): Promise<Frontier> {
    await this.#nodes.take(leaves);
    const last = before.size + leaves.length;
    let frontier = before;
    const stored = await checkpointsFrom(this.#database, before.size + 1, leaves.length);
    const checkpoints = [...stored, ...this.#known.checkpoints]
      .filter(({ size }) => size > before.size && size <= last)
      .sort((a, b) => a.size - b.size);
    for (const checkpoint of checkpoints) {
      frontier = appendLeaves(
        frontier,
        leaves.slice(frontier.size - before.size, checkpoint.size - before.size),
      );
      this.#verifyRoot(checkpoint, rootOf(frontier));
      if ('note' in checkpoint) await this.#verifySignature(checkpoint);
      this.#signedSize = checkpoint.size;
    }
    return appendLeaves(frontier, leaves.slice(frontier.size - before.size));
  }

  #verifyRoot({ size, root }: Pick<Checkpoint, 'size' | 'root'>, computed: Buffer): void {
    const from = this.#signedSize;
    if (!root.equals(computed))
      throw new Wrong(from, `the entries ${from} to ${size - 1} are not those that were signed`);
  }

  async #verifySignature(checkpoint: StoredCheckpoint): Promise<void> {
    if (isSigned(checkpoint, this.#keys)) return;
    // A key is stored before what it signs: one that was made since they were read is among them now.
    if (this.#known.keys.length === 0) this.#keys = (await logKeys(this.#database)).map(verifierKeyOf);
    if (isSigned(checkpoint, this.#keys)) return;
    const { size } = checkpoint;
    throw new Wrong(this.#signedSize, `the checkpoint of ${size} entries is not signed by a key of this log`);
  }
}

function isSigned({ size, root, note }: StoredCheckpoint, keys: readonly VerifierKey[]): boolean {
  try {
    const parsed = parseNote(note);
    const { origin } = parseCheckpointText(parsed.text);
    // A key speaks for its own name alone: that of a name before, which may be stolen, does not for the one that the log has now.
    const isOwn = signersOf(parsed, keys).some(({ name }) => name === origin);
    return isOwn && parsed.text === checkpointText({ origin, size, root });
  } catch (error) {
    if (error instanceof NoteError) return false;
    throw error;
  }
}
