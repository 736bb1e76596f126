import type { Checkpoint } from '../checkpoint.js';
import { EMPTY_FRONTIER, type Frontier } from '../tree.js';
import { Wrong } from '../wrong.js';
import { ExportReader, type ExportSink } from './export-reader.js';
import { TreeHasher } from './tree-hasher.js';

/** What is known from elsewhere. Signatures were checked before. */
export interface ExportExpectation {
  /** The newest checkpoint, which the export must reach. */
  readonly checkpoint: Checkpoint;
  /** Earlier ones of the same log: it must have grown from them. */
  readonly earlier: readonly Checkpoint[];
  /** Whether entries may follow that the checkpoint does not cover: nothing vouches for them. */
  readonly unsignedTail: boolean;
}

/** What was found: the positions that are proved, or the first that is wrong. */
export type ExportVerification =
  | {
      readonly ok: true;
      /** Position of the first entry in the export; those before it are not looked at. */
      readonly from: number;
      readonly size: number;
      readonly root: string;
      /** Entries behind the checkpoint, which nothing vouches for. */
      readonly unsigned: number;
    }
  | { readonly ok: false; readonly index: number; readonly problem: string };

/**
 * Verifies an export without database or network: hashes every entry's bytes, builds the tree and compares its roots with the checkpoints', and the free texts with what the
 * entries commit to. `chunks` are the file's bytes, which are changed and put back on the way.
 */
export async function verifyExport(
  chunks: AsyncIterable<Buffer>,
  expectation: ExportExpectation,
): Promise<ExportVerification> {
  try {
    const tree = new ExportedTree(expectation);
    const reader = new ExportReader(tree);
    for await (const chunk of chunks) reader.take(chunk);
    tree.finish(reader);
    const { size, root } = expectation.checkpoint;
    return { ok: true, from: tree.from, size, root: root.toString('hex'), unsigned: reader.next - size };
  } catch (error) {
    if (error instanceof Wrong) return { ok: false, index: error.index, problem: error.problem };
    throw error;
  }
}

/** The tree of the entries as they come, held against each checkpoint when its size is reached. */
class ExportedTree implements ExportSink {
  readonly #expected: readonly Checkpoint[];
  readonly #unsignedTail: boolean;
  readonly #last: number;
  #tree = new TreeHasher(EMPTY_FRONTIER);
  /** The checkpoint that comes next, and the size that is proved already. */
  #pending = 0;
  #proved = 0;
  #from: number | null = null;

  constructor({ checkpoint, earlier, unsignedTail }: ExportExpectation) {
    this.#expected = [...earlier, checkpoint].sort((a, b) => a.size - b.size);
    this.#last = checkpoint.size;
    this.#unsignedTail = unsignedTail;
  }

  get from(): number {
    return this.#from ?? 0;
  }

  frontier(frontier: Frontier): void {
    if (this.#from !== null) {
      const known = this.#tree.frontier.hashes;
      if (frontier.hashes.every((hash, i) => Buffer.compare(hash, known[i]!) === 0)) return;
      throw new Wrong(frontier.size, 'the tree before this entry is another one');
    }
    this.#begin(frontier);
  }

  leaf(leaf: Buffer): void {
    if (this.#from === null) this.#begin(EMPTY_FRONTIER);
    if (this.#tree.size === this.#last && !this.#unsignedTail)
      throw new Wrong(this.#last, 'the entry is behind the checkpoint: nothing vouches for it');
    this.#tree.append(leaf);
    if (this.#tree.size === this.#expected[this.#pending]?.size) this.#compare();
  }

  /** Throws {@link Wrong} where the file ended too early, or a free text is missing. */
  finish(reader: ExportReader): void {
    if (this.#from === null) this.#begin(EMPTY_FRONTIER);
    if (this.#tree.size < this.#last)
      throw new Wrong(this.#tree.size, `the export ends here, the checkpoint has ${this.#last} entries`);
    reader.finish();
  }

  #begin(frontier: Frontier): void {
    this.#from = frontier.size;
    this.#proved = frontier.size;
    this.#tree = new TreeHasher(frontier);
    const first = this.#expected[0]!;
    if (first.size < frontier.size)
      throw new Wrong(
        first.size,
        `the export begins at ${frontier.size}, behind the checkpoint of ${first.size} entries`,
      );
    this.#compare();
  }

  #compare(): void {
    while (this.#expected[this.#pending]?.size === this.#tree.size) {
      const { size, root } = this.#expected[this.#pending]!;
      if (!this.#tree.root.equals(root)) {
        const those =
          size > this.#proved ? `the entries ${this.#proved} to ${size - 1}` : 'the entries before this';
        throw new Wrong(this.#proved, `${those} are not those that were signed`);
      }
      this.#proved = size;
      this.#pending += 1;
    }
  }
}
