import type { Database } from '../database.js';
import type { FilterConditions, PositionRange } from './log-filter.js';
import { intersect } from './postings.js';
import { type PostingHead, readPostingHead, readPostings } from './read-postings.js';

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
/** Segments that are searched row by row where no better index leads there: the one that is not complete, and one that waits for its postings. */
const SHORT = 2;

/**
 * Where entries of a log of `size` can be that have all of these terms, between these positions and in this order: outside it none is, and within it not every
 * entry need have them. `wanted` is how many are asked for. With fewer than two terms an index of the projection leads there by itself.
 */
export async function* placesOf(
  database: Database,
  size: number,
  terms: readonly Buffer[],
  between: PositionRange,
  order: LogOrder,
  wanted: number,
): AsyncGenerator<Place> {
  const head = terms.length < 2 ? null : await readPostingHead(database);
  if (!head || head.first >= head.next) {
    yield* unlessEmpty(between, false);
    return;
  }
  const start = head.first * head.segmentSize;
  const end = head.next * head.segmentSize;
  const before = { first: between.first, last: Math.min(between.last, start - 1) };
  const within = { first: Math.max(between.first, start), last: Math.min(between.last, end - 1) };
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

/** Positions within segments that have postings, a few at first, where all the terms meet; segments that lost theirs meanwhile as they are. */
async function* meetings(
  database: Database,
  head: PostingHead,
  terms: readonly Buffer[],
  within: PositionRange,
  order: LogOrder,
  wanted: number,
): AsyncGenerator<Place> {
  const { segmentSize } = head;
  const most = Math.max(1, Math.floor(MOST_POSTINGS / terms.length));
  let batch = Math.min(wanted, MOST_POSITIONS);
  let found: number[] = [];
  let count = SEGMENTS_AT_FIRST;
  let left = within;
  while (left.first <= left.last) {
    const [from, to] = window(left, segmentSize, order, Math.min(count, most));
    count *= GROWTH;
    const part = {
      first: Math.max(left.first, from * segmentSize),
      last: Math.min(left.last, to * segmentSize - 1),
    };
    left = order === 'newest' ? { ...left, last: part.first - 1 } : { ...left, first: part.last + 1 };
    const postings = await readPostings(database, head, terms, from, to);
    if (postings === null) {
      if (found.length > 0) yield { positions: found };
      found = [];
      yield { ...part, isShort: false };
      continue;
    }
    for (const segment of inOrder(from, to, order)) {
      const positions = intersect(postings.get(segment) ?? [], segmentSize)
        .map((position) => segment * segmentSize + position)
        .filter((position) => position >= part.first && position <= part.last);
      if (order === 'newest') positions.reverse();
      for (const position of positions) found.push(position);
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

/** The next `count` segments of what is left, the first and the one behind the last. */
function window(
  left: PositionRange,
  segmentSize: number,
  order: LogOrder,
  count: number,
): readonly [from: number, to: number] {
  const from = Math.floor(left.first / segmentSize);
  const to = Math.floor(left.last / segmentSize) + 1;
  return order === 'newest' ? [Math.max(from, to - count), to] : [from, Math.min(to, from + count)];
}

function inOrder(from: number, to: number, order: LogOrder): number[] {
  const segments = Array.from({ length: to - from }, (_, i) => from + i);
  return order === 'newest' ? segments.reverse() : segments;
}
