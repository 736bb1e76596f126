import type { Database, Run, Statement } from '../database.js';
import { cut, slicesOf } from '../slices.js';
import { SHOWN_TERM, TERM_COLUMNS, TERM_LISTS, prefixOf, termHash } from './posting-terms.js';
import { encodePositions, readList } from './postings.js';
import { columnName } from './projection.js';
import type { StoredPosting } from './read-postings.js';

/** Entries whose terms one statement collects: some 40 ms of the database, and a few of the vault's thread. */
const SLICE = 8_192;

/** The names of the terms of a slice, with the positions that have each, and how many entries there are. */
const COLLECT = `select name, string_agg(at, '') as positions,
       (select count(*) from access_log_projection where index >= $2 and index < $3) as entries
  from (select int2send((index - $1)::int2) as at, unnest(${TERM_LISTS.map(columnName).join(' || ')} || array[
          ${TERM_COLUMNS.map((column) => `'${prefixOf(column)}' || ${columnName(column)}`).join(', ')},
          case when shown then '${SHOWN_TERM}' end]) as name
          from access_log_projection where index >= $2 and index < $3) as each
 where name is not null group by name`;

/**
 * Makes the postings of the next segment, where all of it is projected and no other instance is at it: whoever has the head's row makes them. Says whether it
 * did. Nothing is left where it is interrupted: rows and head are there in one transaction.
 */
export async function postNextSegment(database: Database): Promise<boolean> {
  if (!(await isDue(database))) return false;
  return database.transaction(async (run) => {
    const [head] = await run<{ segment_size: number; next: number }>({
      name: 'posting-head-lock',
      text: 'select segment_size, next from access_log_posting_head where id = 1 for update skip locked',
      values: [],
    });
    if (!head) return false;
    const postings = await collect(run, head.next * head.segment_size, head.segment_size);
    // The projection was thrown away or pruned meanwhile.
    if (postings === null) return false;
    await run(addPostings(head.next, postings));
    return true;
  });
}

async function isDue(database: Database): Promise<boolean> {
  const rows = await database.run({
    name: 'posting-due',
    text: `select from access_log_posting_head posted, access_log_projection_head projected
            where projected.size >= (posted.next::bigint + 1) * posted.segment_size`,
    values: [],
  });
  return rows.length > 0;
}

/** The postings of the `size` entries from `start` on; null where the projection does not have them all. */
async function collect(run: Run, start: number, size: number): Promise<StoredPosting[] | null> {
  const names = new Map<string, Buffer[]>();
  for (let at = 0; at < size; at += SLICE) {
    const end = Math.min(at + SLICE, size);
    const rows = await run<{ name: string; positions: Buffer; entries: string }>({
      name: 'postings-collect',
      text: COLLECT,
      values: [start, start + at, start + end],
    });
    if (Number(rows[0]?.entries ?? 0) !== end - at) return null;
    for (const { name, positions } of rows) addTo(names, name, positions);
  }
  const terms = new Map<string, Buffer[]>();
  for (const [name, lists] of names) addTo(terms, termHash(name).toString('hex'), ...lists);
  return Array.from(terms, ([term, lists]) => ({
    term: Buffer.from(term, 'hex'),
    positions: encodePositions(readList(Buffer.concat(lists)), size),
  }));
}

function addTo<Item>(lists: Map<string, Item[]>, key: string, ...more: readonly Item[]): void {
  const list = lists.get(key);
  if (list) list.push(...more);
  else lists.set(key, [...more]);
}

function addPostings(segment: number, postings: readonly StoredPosting[]): Statement {
  const terms = slicesOf(postings.map(({ term }) => term));
  const positions = slicesOf(postings.map((posting) => posting.positions));
  return {
    name: 'postings-add',
    text: `with head as (
        update access_log_posting_head set next = next + 1 where id = 1 and next = $1 returning next
      )
      insert into access_log_posting (segment, term, positions)
      select $1, ${cut('$2', 'p.term', 'p.term_length')}, ${cut('$3', 'p.positions', 'p.positions_length')}
        from unnest($4::int[], $5::int[], $6::int[], $7::int[]) as p (term, term_length, positions, positions_length)
       where exists (select from head)`,
    values: [
      segment,
      terms.bytes,
      positions.bytes,
      terms.starts,
      terms.lengths,
      positions.starts,
      positions.lengths,
    ],
  };
}
