import type { Database } from '../database.js';
import { type FilterConditions, type LogFilter, conditionsOf } from './log-filter.js';
import { type LogOrder, type Place, placesOf, whereOf } from './places.js';
import { termsOfFilter } from './posting-terms.js';
import { reaches } from './projection.js';
import type { LogRow } from './read.js';

/** Where a page begins, in which order it goes on, and how long it may be. */
export interface LogPage {
  readonly order: LogOrder;
  /** The last position that was shown, if any was. */
  readonly after: number | null;
  readonly limit: number;
}

/** A page of entries; null where the projection does not reach as far as `size`. */
export async function searchProjection(
  database: Database,
  size: number,
  filter: LogFilter,
  { order, after, limit }: LogPage,
): Promise<LogRow[] | null> {
  const found = await conditionsOf(database, size, filter);
  if (found === null) return null;
  const { first, last } = found.between;
  const newest = order === 'newest';
  const between = {
    first: after === null || newest ? first : Math.max(first, after + 1),
    last: after === null || !newest ? last : Math.min(last, after - 1),
  };
  const terms = termsOfFilter(filter);

  const page: LogRow[] = [];
  for await (const place of placesOf(database, size, terms, between, order, limit)) {
    const rows = await searchPlace(database, size, found, place, order, limit - page.length);
    if (rows === null) return null;
    page.push(...rows);
    if (page.length === limit) break;
  }
  return page;
}

/** The first `limit` entries at a place; null as {@link searchProjection} answers it. */
async function searchPlace(
  database: Database,
  size: number,
  filter: FilterConditions,
  place: Place,
  order: LogOrder,
  limit: number,
): Promise<LogRow[] | null> {
  const direction = order === 'newest' ? 'desc' : 'asc';
  const { where, values } = whereOf(filter, place);
  values.push(limit);
  const rows = await database.run<{
    projected: string;
    index: string | null;
    bytes: Buffer;
    leaf: Buffer;
    adhoc: string | null;
    custom: string | null;
  }>({
    // Prepared under no name: which index serves best depends on the values, so each query is planned for its own.
    name: '',
    text: `with page as (
        select p.index from access_log_projection p where ${where}
         order by p.index ${direction} limit $${values.length}
      ), shown as (
        select l.index, l.bytes, l.leaf, adhoc.text as adhoc, custom.text as custom
          from page join access_log l using (index)
          left join access_log_text adhoc on adhoc.index = l.index and adhoc.kind = 'adhoc_reason'
          left join access_log_text custom on custom.index = l.index and custom.kind = 'custom_audit'
      )
      select head.size as projected, shown.* from access_log_projection_head head left join shown on true
       order by shown.index ${direction}`,
    values,
  });
  if (!reaches(rows, size)) return null;
  return rows.flatMap(({ index, bytes, leaf, adhoc, custom }) =>
    index === null ? [] : [{ index: Number(index), bytes, leaf, adhocReason: adhoc, customAudit: custom }],
  );
}
