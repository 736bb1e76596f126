import { termHash, termsOfEntry } from '../store/access-log/posting-terms.js';
import { decodePositions, encodePositions } from '../store/access-log/postings.js';
import type { ProjectedEntry } from '../store/access-log/projection.js';
import {
  type PostingHead,
  type StoredPosting,
  readPostingExtent,
  readPostingHead,
  readSegment,
} from '../store/access-log/read-postings.js';
import type { Database } from '../store/database.js';
import { Wrong } from './wrong.js';

const NOT_THOSE = 'the postings are not what the entries say';
const NO_HEAD = "the head of the projection's postings is missing";
const NOT_THE_HEAD = "the head of the projection's postings is not that of the log";

/**
 * Recomputes the postings of one segment after the other: a query by several terms looks nowhere else. Whether a segment has any is read together with them,
 * since they come and go while the log is verified.
 */
export class PostingVerifier {
  readonly #database: Database;
  readonly #size: number;
  #segment = -1;
  #taken = 0;
  /** The positions of the entries that have each name. */
  #names = new Map<string, number[]>();

  private constructor(database: Database, size: number) {
    this.#database = database;
    this.#size = size;
  }

  /** Throws {@link Wrong} where there is no head. */
  static async open(database: Database): Promise<PostingVerifier> {
    const head = await readPostingHead(database);
    if (!head) throw new Wrong(0, NO_HEAD);
    return new PostingVerifier(database, head.segmentSize);
  }

  /** Takes projected entries, in the order of their positions, and compares the postings of each segment that they complete. Throws {@link Wrong}. */
  async take(entries: readonly ProjectedEntry[]): Promise<void> {
    for (const entry of entries) {
      const segment = Math.floor(entry.index / this.#size);
      if (segment !== this.#segment) this.#begin(segment);
      const position = entry.index % this.#size;
      for (const name of termsOfEntry(entry)) {
        const positions = this.#names.get(name);
        if (positions) positions.push(position);
        else this.#names.set(name, [position]);
      }
      this.#taken++;
      if (this.#taken === this.#size) await this.#compare();
    }
  }

  /**
   * To be called behind the last entry, with how many were found pruned at the beginning: no segment may have rows that none of the segments before accounted for. Those that were completed
   * since are left to the next verification. Throws {@link Wrong}.
   */
  async settle(pruned: number): Promise<void> {
    const extent = await readPostingExtent(this.#database);
    if (!extent) throw new Wrong(0, NO_HEAD);
    this.#requireSize(extent.head, 0);
    if (extent.stray !== null) throw new Wrong(extent.stray * this.#size, NOT_THOSE);
    const { first, next } = extent.head;
    // The first segment is the first without a pruned entry; a pruning may be under way.
    const [least, most] = [this.#segmentBehind(pruned), this.#segmentBehind(extent.pruned)];
    if (first < least) throw new Wrong(first * this.#size, NOT_THE_HEAD);
    if (first > most) throw new Wrong(most * this.#size, NOT_THE_HEAD);
    if (next > first && next * this.#size > extent.projected) throw new Wrong(extent.projected, NOT_THE_HEAD);
  }

  #begin(segment: number): void {
    this.#segment = segment;
    this.#taken = 0;
    this.#names = new Map();
  }

  async #compare(): Promise<void> {
    const start = this.#segment * this.#size;
    const stored = await readSegment(this.#database, this.#segment);
    if (!stored) throw new Wrong(0, NO_HEAD);
    this.#requireSize(stored.head, start);
    const { first, next } = stored.head;
    const isPosted = this.#segment >= first && this.#segment < next;
    const wanted = isPosted ? this.#postings() : [];
    const at = firstDifference(wanted, stored.postings, this.#size);
    if (at !== null) throw new Wrong(start + at, NOT_THOSE);
    this.#names = new Map();
  }

  #postings(): StoredPosting[] {
    const terms = new Map<string, number[]>();
    for (const [name, positions] of this.#names) {
      const term = termHash(name).toString('hex');
      terms.set(term, [...(terms.get(term) ?? []), ...positions]);
    }
    return Array.from(terms, ([term, positions]) => ({
      term: Buffer.from(term, 'hex'),
      positions: encodePositions(positions, this.#size),
    }));
  }

  #segmentBehind(entries: number): number {
    return Math.ceil(entries / this.#size);
  }

  #requireSize(head: PostingHead, position: number): void {
    if (head.segmentSize !== this.#size) throw new Wrong(position, NOT_THE_HEAD);
  }
}

/** The first position that one of the postings has too many or too few; the first of the segment where one is only written otherwise. */
function firstDifference(
  wanted: readonly StoredPosting[],
  stored: readonly StoredPosting[],
  size: number,
): number | null {
  const left = new Map(stored.map(({ term, positions }) => [term.toString('hex'), positions]));
  const differences: number[] = [];
  const compare = (one: Buffer, other: Buffer): void => {
    const [ofOne, ofOther] = [decodePositions(one, size), decodePositions(other, size)];
    // Both ascend, so that the first at which they part is the first that one of them lacks.
    const at = ofOne.findIndex((position, i) => position !== ofOther[i]);
    const parted = at < 0 ? [ofOther[ofOne.length]] : [ofOne[at], ofOther[at]];
    differences.push(Math.min(...parted.filter((position) => position !== undefined)));
  };
  for (const { term, positions } of wanted) {
    const found = left.get(term.toString('hex'));
    left.delete(term.toString('hex'));
    if (!found?.equals(positions)) compare(positions, found ?? Buffer.alloc(0));
  }
  for (const positions of left.values()) compare(Buffer.alloc(0), positions);
  if (differences.length === 0) return null;
  const first = Math.min(...differences);
  return Number.isFinite(first) ? first : 0;
}
