import { prunedSize } from '../store/access-log/pruned.js';
import type { BareRow } from '../store/access-log/read.js';
import type { Database } from '../store/database.js';
import type { Entry } from './entry.js';
import { isHash } from './tree.js';
import { Wrong } from './wrong.js';

/** Times that rows are read again because a pruning is under way. */
const MOST_ATTEMPTS = 5;

/**
 * Accepts that the bytes of entries are missing where, and only where, a later entry of the log says that they were pruned: the first ones of the log, without a gap, and with nothing left
 * beside them.
 */
export class PrunedVerifier {
  readonly #database: Database;
  #size = 0;
  #announced = 0;

  constructor(database: Database) {
    this.#database = database;
  }

  /** How many entries were found without bytes. */
  get size(): number {
    return this.#size;
  }

  /** Takes the next row, which has no bytes; `isLeft` says that a text or a projection stands beside it. Throws {@link Wrong}. */
  takePruned({ index, leaf }: BareRow, isLeft: boolean): void {
    if (index > this.#size) throw new Wrong(index, 'the bytes of the entry are missing');
    if (!isHash(leaf)) throw new Wrong(index, 'the entry was pruned, and its leaf hash is none');
    if (isLeft) throw new Wrong(index, 'the entry was pruned, and something of it is left');
    this.#size = Math.max(this.#size, index + 1);
  }

  /** Takes the next entry, which has its bytes. */
  take(index: number, { operation, outcome, range }: Entry): void {
    if (operation !== 'pruneAuditLog' || outcome !== 'allowed' || !range) return;
    this.#announced = Math.max(this.#announced, Math.min(range[1], index));
  }

  /** To be called behind the last entry. Throws {@link Wrong} for bytes that are missing unannounced. */
  settle(): void {
    if (this.#size > this.#announced)
      throw new Wrong(
        this.#announced,
        'the bytes of the entry are missing, and no entry says that it was pruned',
      );
  }

  /** Runs a check of the rows from `from` on; once more where what it found wrong may be a pruning that was under way. */
  async settled<T>(from: number, check: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await check();
      } catch (error) {
        const mayPass = error instanceof Wrong && attempt < MOST_ATTEMPTS;
        if (!mayPass || (await prunedSize(this.#database)) <= from) throw error;
      }
    }
  }
}
