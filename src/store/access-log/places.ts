import type { Database } from '../database.js';
import type { FilterConditions, PositionRange } from './log-filter.js';
import type { FilterTerms } from './posting-terms.js';
import { intersect } from './postings.js';
import { type PostingHead, countRarest, readPostingHead, readPostings } from './read-postings.js';

/** Which end of the log comes first. */
export type LogOrder = 'newest' | 'oldest';

/** A part of the log to look at: all of a range of positions, which may be known to be short, or these positions. */
export type Place =
  (PositionRange & { readonly isShort: boolean }) | { readonly positions: readonly number[] };

/** Segments whose postings are read first, how many times as many the next time, and most postings at a time. */
const SEGMENTS_AT_FIRST = 4;
const GROWTH = 4;
const MOST_POSTINGS = 768;
/** Most positions at a time. */
const MOST_POSITIONS = 10_000;
/** A term that fewer than one of so many entries has: the index of its column finds those sooner than all postings are read. */
const RARE = 1_000;
/** Segments that are searched row by row where no better index leads there: the one that is not complete, and one that waits for its postings. */
const SHORT = 2;

/**
 * Where entries of a log of `size` can be that have all of these terms, between these positions and in this order: outside it none is, and within it not every
 * entry need have them. `wanted` is how many are asked for. To a single term that it has an index of the projection leads by itself.
 */
export async function* placesOf(
  database: Database,
  size: number,
  terms: FilterTerms,
  between: PositionRange,
  order: LogOrder,
  wanted: number,
): AsyncGenerator<Place> {
  const byIndex = terms.all.length === terms.indexed.length && terms.all.length < 2;
  const head = byIndex ? null : await readPostingHead(database);
  if (!head || head.first >= head.next) {
    yield* unlessEmpty(between, false);
    return;
  }
  const start = head.first * head.segmentSize;
  const end = Math.min(head.next * head.segmentSize, size);
  const before = { first: between.first, last: Math.min(between.last, start - 1) };
  const within = { first: Math.max(between.first, start), last: Math.min(between.last, end - 1) };
  if (terms.onlyIfRare && !(await haveRare(database, head, terms.all, within))) {
    yield* unlessEmpty(between, false);
    return;
  }
  const behind = { first: Math.max(between.first, end), last: between.last };

  const outside = [unlessEmpty(before, true), unlessEmpty(behind, size - end < SHORT * head.segmentSize)];
  if (order === 'newest') outside.reverse();
  yield* outside[0]!;
  yield* meetings(database, head, terms, within, order, wanted);
  yield* outside[1]!;
}

/** The SQL by which a row `p` of the projection is at a place and meets a filter, and the values in it. */
export function whereOf(
  filter: FilterConditions,
  place: Place,
): { readonly where: string; readonly values: unknown[] } {
  const few = 'positions' in place || place.isShort;
  const conditions = [...(few ? filter.conditionsOfFew : filter.conditions)];
  const values = [...filter.values];
  if ('positions' in place) {
    conditions.push(`p.index = any($${values.push(place.positions)}::bigint[])`);
  } else {
    if (place.first > 0) conditions.push(`p.index >= $${values.push(place.first)}`);
    if (place.last < Infinity) conditions.push(`p.index <= $${values.push(place.last)}`);
  }
  return { where: conditions.join(' and '), values };
}

function unlessEmpty(range: PositionRange, isShort: boolean): Place[] {
  return range.first <= range.last ? [{ ...range, isShort }] : [];
}

/** Segments from one up to, not including, another. */
type Segments = readonly [from: number, to: number];

/**
 * Positions within segments that have postings, a few at first, where all the terms meet; segments that lost theirs meanwhile as they are, and so all that are left
 * behind the first few where one of the terms is rare and has an index.
 */
async function* meetings(
  database: Database,
  head: PostingHead,
  terms: FilterTerms,
  within: PositionRange,
  order: LogOrder,
  wanted: number,
): AsyncGenerator<Place> {
  const most = Math.max(1, Math.floor(MOST_POSTINGS / terms.all.length));
  let batch = Math.min(wanted, MOST_POSITIONS);
  let found: number[] = [];
  let count = SEGMENTS_AT_FIRST;
  for (let left = within; left.first <= left.last;) {
    const all = segmentsOf(left, head);
    const some = someOf(all, order, count);
    // Asked once, and not at all where the first segments filled the page or the next are the last.
    const mayBeRare = count === SEGMENTS_AT_FIRST * GROWTH && all[1] - all[0] > count;
    const isRare = mayBeRare && (await haveRare(database, head, terms.indexed, left));
    const segments = isRare ? all : some;
    const part = positionsOf(segments, left, head);
    left = order === 'newest' ? { ...left, last: part.first - 1 } : { ...left, first: part.last + 1 };
    count = Math.min(count * GROWTH, most);

    const postings = isRare ? null : await readPostings(database, head, terms.all, segments);
    if (postings === null) {
      if (found.length > 0) yield { positions: found };
      found = [];
      yield { ...part, isShort: false };
      continue;
    }
    for (const positions of positionsIn(postings, part, head, order)) {
      found = found.concat(positions);
      while (found.length >= batch) {
        yield { positions: found.slice(0, batch) };
        found = found.slice(batch);
        // Whoever goes on asking met many that did not fit after all.
        batch = Math.min(batch * 2, MOST_POSITIONS);
      }
    }
  }
  if (found.length > 0) yield { positions: found };
}

async function haveRare(
  database: Database,
  head: PostingHead,
  terms: readonly Buffer[],
  left: PositionRange,
): Promise<boolean> {
  if (terms.length === 0 || left.first > left.last) return false;
  const entries = await countRarest(database, head, terms, segmentsOf(left, head));
  return entries !== null && entries * RARE < left.last - left.first;
}

function segmentsOf({ first, last }: PositionRange, { segmentSize }: PostingHead): Segments {
  return [Math.floor(first / segmentSize), Math.floor(last / segmentSize) + 1];
}

/** The first `count` of these segments. */
function someOf([from, to]: Segments, order: LogOrder, count: number): Segments {
  return order === 'newest' ? [Math.max(from, to - count), to] : [from, Math.min(to, from + count)];
}

/** The positions of segments that are within a range. */
function positionsOf(
  [from, to]: Segments,
  { first, last }: PositionRange,
  { segmentSize }: PostingHead,
): PositionRange {
  return { first: Math.max(first, from * segmentSize), last: Math.min(last, to * segmentSize - 1) };
}

/** Where the postings of each segment meet within a range, in order. */
function* positionsIn(
  postings: ReadonlyMap<number, readonly Buffer[]>,
  { first, last }: PositionRange,
  { segmentSize }: PostingHead,
  order: LogOrder,
): Generator<number[]> {
  const segments = [...postings.keys()].sort((one, other) =>
    order === 'newest' ? other - one : one - other,
  );
  for (const segment of segments) {
    const positions = intersect(postings.get(segment)!, segmentSize)
      .map((position) => segment * segmentSize + position)
      .filter((position) => position >= first && position <= last);
    yield order === 'newest' ? positions.reverse() : positions;
  }
}
