import { hash } from 'node:crypto';
import { type Frontier, HASH_BYTES, rootOf } from '../tree.js';

/**
 * The tree of a long row of leaves, one after the other, with as little per leaf as can be: what tree.ts says, without its checks, over one buffer that is
 * used again and again.
 */
export class TreeHasher {
  readonly #hashes: Uint8Array[];
  readonly #input = Buffer.alloc(1 + 2 * HASH_BYTES, 0x01);
  #size: number;

  /** Goes on behind a frontier. */
  constructor({ size, hashes }: Frontier) {
    this.#size = size;
    this.#hashes = [...hashes];
  }

  get size(): number {
    return this.#size;
  }

  get frontier(): Frontier {
    return { size: this.#size, hashes: [...this.#hashes] };
  }

  get root(): Buffer {
    return rootOf(this.frontier);
  }

  /** Appends the hash of a leaf, which must be 32 bytes. */
  append(leaf: Uint8Array): void {
    let node = leaf;
    for (let rest = this.#size; rest % 2 === 1; rest = (rest - 1) / 2) {
      this.#input.set(this.#hashes.pop()!, 1);
      this.#input.set(node, 1 + HASH_BYTES);
      node = hash('sha256', this.#input, 'buffer');
    }
    this.#hashes.push(node);
    this.#size += 1;
  }
}
