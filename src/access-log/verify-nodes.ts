import { NODE_WIDTH, countNodes, readNodes } from '../store/access-log/nodes.js';
import type { Database } from '../store/database.js';
import { nodesOver } from './tree-reader.js';
import { Wrong } from './wrong.js';

/** Nodes of a level that were computed and are stored, or should be. */
interface Computed {
  readonly level: number;
  readonly position: number;
  readonly hashes: readonly Buffer[];
}

/** Holds the stored nodes against the leaves, chunk by chunk, every level as far as it is complete. Keeps fewer than sixteen hashes of each level. */
export class NodeVerifier {
  readonly #database: Database;
  readonly #stored: readonly number[];
  /** Of each level, from the leaves on: what is behind the last complete node above, and how many there were before that. */
  readonly #rest: Buffer[][];
  readonly #before: number[];

  private constructor(database: Database, stored: readonly number[]) {
    this.#database = database;
    this.#stored = stored;
    this.#rest = stored.map(() => []);
    this.#before = stored.map(() => 0);
  }

  /** For nodes that are stored by now. */
  static async open(database: Database): Promise<NodeVerifier> {
    return new NodeVerifier(database, await countNodes(database));
  }

  /** How many leaves the stored nodes are of. */
  get size(): number {
    return Math.max(...this.#stored.map((count, level) => count * NODE_WIDTH ** level));
  }

  /** Takes the next leaves. Throws {@link Wrong}. */
  async take(leaves: readonly Buffer[]): Promise<void> {
    const computed = this.#compute(leaves);
    const found = await readNodes(
      this.#database,
      computed.map(({ level, position, hashes }) => ({ level, position, count: hashes.length })),
    );
    computed.forEach(({ level, position, hashes }, i) => {
      const leafOf = (nth: number): number => (position + nth) * NODE_WIDTH ** level;
      if (found[i]!.length < hashes.length)
        throw new Wrong(leafOf(0), 'the root of a group of entries is missing');
      const wrong = found[i]!.findIndex((hash, nth) => !hashes[nth]!.equals(hash));
      if (wrong >= 0) throw new Wrong(leafOf(wrong), 'the root of a group of entries is not theirs');
    });
  }

  /** The nodes that these leaves complete, as far as they should be stored. */
  #compute(leaves: readonly Buffer[]): Computed[] {
    const computed: Computed[] = [];
    let children = leaves;
    for (let level = 1; children.length > 0 && level < this.#stored.length; level++) {
      const all = [...this.#rest[level - 1]!, ...children];
      const hashes = nodesOver(all);
      this.#rest[level - 1] = all.slice(hashes.length * NODE_WIDTH);
      const position = this.#before[level]!;
      this.#before[level] = position + hashes.length;
      const known = hashes.slice(0, Math.max(0, this.#stored[level]! - position));
      if (known.length > 0) computed.push({ level, position, hashes: known });
      children = hashes;
    }
    return computed;
  }
}
