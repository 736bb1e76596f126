import type { Database } from '../database.js';

/** The segments that have postings: from `first` up to, not including, `next`. */
export interface PostingHead {
  readonly segmentSize: number;
  readonly first: number;
  readonly next: number;
}

/** One posting as it is stored: the hash of its term, and positions within its segment. */
export interface StoredPosting {
  readonly term: Buffer;
  readonly positions: Buffer;
}

interface HeadRow {
  segment_size: number;
  first: number;
  next: number;
}

/** Which segments have postings; null where the row that says so is gone: queries do without, and a verification tells. */
export async function readPostingHead(database: Database): Promise<PostingHead | null> {
  const [row] = await database.run<HeadRow>({
    name: 'posting-head',
    text: 'select segment_size, first, next from access_log_posting_head where id = 1',
    values: [],
  });
  return row ? headOf(row) : null;
}

/**
 * The postings of these terms in the segments from one up to, not including, another, by the segment, where it has all of them. Null where
 * not all these segments have postings (any more) in the statement's snapshot.
 */
export async function readPostings(
  database: Database,
  head: PostingHead,
  terms: readonly Buffer[],
  segments: readonly [from: number, to: number],
): Promise<Map<number, Buffer[]> | null> {
  const rows = await database.run<HeadRow & { segment: number | null; positions: string }>({
    name: 'postings-read',
    // Bytes travel as text: in base64 they are a third shorter than as two digits each.
    text: `select head.segment_size, head.first, head.next, found.segment, encode(found.positions, 'base64') as positions
             from access_log_posting_head head left join (
               select segment, positions, count(*) over (partition by segment) as terms
                 from access_log_posting where segment = any($1::int[]) and term = any($2::bytea[])) found on found.terms = $3`,
    values: [listed(segments), terms, terms.length],
  });
  if (!covers(rows, head, segments)) return null;
  const postings = new Map<number, Buffer[]>();
  for (const { segment, positions } of rows) {
    if (segment === null) continue;
    const bytes = Buffer.from(positions, 'base64');
    const known = postings.get(segment);
    if (known) known.push(bytes);
    else postings.set(segment, [bytes]);
  }
  return postings;
}

/**
 * How many entries of these segments have that of these terms which the fewest have; fewer than there are where that are many. Null as {@link readPostings} answers
 * it.
 */
export async function countRarest(
  database: Database,
  head: PostingHead,
  terms: readonly Buffer[],
  segments: readonly [from: number, to: number],
): Promise<number | null> {
  const rows = await database.run<HeadRow & { bytes: string }>({
    name: 'postings-rarest',
    text: `select head.segment_size, head.first, head.next, rarest.bytes
             from access_log_posting_head head cross join (
               select min(coalesce((select sum(length(p.positions)) from access_log_posting p
                                     where p.term = one.term and p.segment = any($1::int[])), 0)) as bytes
                 from unnest($2::bytea[]) as one (term)) rarest`,
    values: [listed(segments), terms],
  });
  return covers(rows, head, segments) ? Number(rows[0]!.bytes) / 2 : null;
}

function listed([from, to]: readonly [number, number]): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

/** Whether all these segments had postings, of the same size as ever, in the snapshot of the statement that returned `rows`. */
function covers(
  [row]: readonly HeadRow[],
  head: PostingHead,
  [from, to]: readonly [number, number],
): boolean {
  return row?.segment_size === head.segmentSize && row.first <= from && row.next >= to;
}

/** All postings of one segment, and which segments have some in the same snapshot; null where the row that says so is gone. */
export async function readSegment(
  database: Database,
  segment: number,
): Promise<{ readonly head: PostingHead; readonly postings: readonly StoredPosting[] } | null> {
  const rows = await database.run<HeadRow & { term: Buffer | null; positions: Buffer }>({
    name: 'postings-of-segment',
    text: `select head.segment_size, head.first, head.next, p.term, p.positions
             from access_log_posting_head head left join access_log_posting p on p.segment = $1`,
    values: [segment],
  });
  if (!rows[0]) return null;
  return {
    head: headOf(rows[0]),
    postings: rows.flatMap(({ term, positions }) => (term === null ? [] : [{ term, positions }])),
  };
}

/** What a verification compares with the log behind the last segment, all of one snapshot; null where the head's row is gone. */
export async function readPostingExtent(database: Database): Promise<{
  readonly head: PostingHead;
  /** A segment that has rows and is not one of those that have postings. */
  readonly stray: number | null;
  /** How far the projection was, and up to where entries were given up for pruning. */
  readonly projected: number;
  readonly pruned: number;
} | null> {
  const [row] = await database.run<HeadRow & { stray: number | null; projected: string; pruned: string }>({
    name: 'posting-extent',
    text: `select head.segment_size, head.first, head.next,
                  least((select min(segment) from access_log_posting where segment < head.first),
                        (select min(segment) from access_log_posting where segment >= head.next)) as stray,
                  coalesce((select size from access_log_projection_head where id = 1), 0) as projected,
                  coalesce((select max(up_to) from access_log_pruning), 0) as pruned
             from access_log_posting_head head where id = 1`,
    values: [],
  });
  if (!row) return null;
  return {
    head: headOf(row),
    stray: row.stray,
    projected: Number(row.projected),
    pruned: Number(row.pruned),
  };
}

function headOf({ segment_size, first, next }: HeadRow): PostingHead {
  return { segmentSize: segment_size, first, next };
}
