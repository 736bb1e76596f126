import type { Database } from '../database.js';
import { type FilterConditions, type LogFilter, conditionsOf } from './log-filter.js';
import { type Place, placesOf, whereOf } from './places.js';
import { termsOfFilter } from './posting-terms.js';
import { reaches } from './projection.js';

/** What entries are counted by. */
export type CountedBy = 'hour' | 'user' | 'property' | 'operation';

/** How often a key occurs with an outcome. */
export interface LogCount {
  readonly key: string;
  readonly outcome: string;
  readonly count: number;
}

const KEYS: Readonly<Record<CountedBy, string>> = {
  hour: `to_char(date_trunc('hour', e.time at time zone 'UTC'), 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`,
  user: 'e."user"',
  property: 'property.name',
  operation: 'e.operation',
};

/** What was counted, and among how many entries. */
interface Counted {
  readonly counts: readonly LogCount[];
  readonly counted: number;
}

/** Counts the newest `most` entries by a key and their outcome; null where the projection does not reach as far as `size`. */
export async function countProjection(
  database: Database,
  size: number,
  filter: LogFilter,
  by: CountedBy,
  most: number,
): Promise<Counted | null> {
  const found = await conditionsOf(database, size, filter);
  if (found === null) return null;
  const terms = termsOfFilter(filter);
  const sums = new Map<string, LogCount>();
  let counted = 0;
  for await (const place of placesOf(database, size, terms, found.between, 'newest', most)) {
    const part = await countPlace(database, size, found, place, by, most - counted);
    if (part === null) return null;
    counted += part.counted;
    for (const { key, outcome, count } of part.counts) {
      const name = JSON.stringify([key, outcome]);
      sums.set(name, { key, outcome, count: (sums.get(name)?.count ?? 0) + count });
    }
    if (counted === most) break;
  }
  return { counted, counts: [...sums.values()] };
}

/** Counts the newest `most` entries at a place; null as {@link countProjection} answers it. */
async function countPlace(
  database: Database,
  size: number,
  filter: FilterConditions,
  place: Place,
  by: CountedBy,
  most: number,
): Promise<Counted | null> {
  const { where, values } = whereOf(filter, place);
  values.push(most);
  // `ssn.mask` and `.mask` are there to be searched for; a property is counted once for an entry.
  const names =
    by === 'property'
      ? `cross join lateral (select name from unnest(e.properties) as name where strpos(name, '.') = 0) property`
      : '';
  const rows = await database.run<{
    projected: string;
    counted: string;
    key: string | null;
    outcome: string;
    count: string;
  }>({
    name: '',
    text: `with e as materialized (
        select p.time, p."user", p.operation, p.properties, p.outcome from access_log_projection p
         where ${where} order by p.index desc limit $${values.length}
      ), counts as (
        select ${KEYS[by]} as key, e.outcome, count(*) as count from e ${names} group by 1, 2
      )
      select head.size as projected, (select count(*) from e) as counted, counts.*
        from access_log_projection_head head left join counts on true`,
    values,
  });
  if (!reaches(rows, size)) return null;
  return {
    counted: Number(rows[0]!.counted),
    counts: rows.flatMap(({ key, outcome, count }) =>
      key === null ? [] : [{ key, outcome, count: Number(count) }],
    ),
  };
}
