import type { Database, Statement } from '../database.js';
import { hourOf, reaches } from './projection.js';
import type { LogRow } from './read.js';

/** Filters of a query; all that are given must hold. Times are inclusive below and exclusive above. */
export interface LogFilter {
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  readonly user?: string | undefined;
  readonly role?: string | undefined;
  readonly keyId?: string | undefined;
  readonly subject?: string | undefined;
  readonly tenant?: string | undefined;
  readonly collection?: string | undefined;
  readonly objectId?: string | undefined;
  /** References to tokens, of which an entry must have one. */
  readonly tokens?: readonly string[] | undefined;
  readonly property?: string | undefined;
  readonly transformation?: string | undefined;
  readonly reason?: string | undefined;
  /** Words that must all be in one free text. */
  readonly text?: string | undefined;
  readonly operation?: string | undefined;
  readonly outcome?: string | undefined;
  readonly rule?: string | undefined;
  /** The vault's id of a request, or the caller's. */
  readonly requestId?: string | undefined;
  readonly remoteAddr?: string | undefined;
  /** Only entries of accesses that showed something. */
  readonly showing?: true | undefined;
}

/** Which end of the log comes first. */
export type LogOrder = 'newest' | 'oldest';

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
  page: LogPage,
): Promise<LogRow[] | null> {
  const statement = await searchStatement(database, size, filter, page);
  if (statement === null) return null;
  const rows = await database.run<{
    projected: string;
    index: string | null;
    bytes: Buffer;
    leaf: Buffer;
    adhoc: string | null;
    custom: string | null;
  }>(statement);
  if (!reaches(rows, size)) return null;
  return rows.flatMap(({ index, bytes, leaf, adhoc, custom }) =>
    index === null ? [] : [{ index: Number(index), bytes, leaf, adhocReason: adhoc, customAudit: custom }],
  );
}

/** The statement of a page; null as {@link searchProjection} answers it. */
export async function searchStatement(
  database: Database,
  size: number,
  filter: LogFilter,
  page: LogPage,
): Promise<Statement | null> {
  const direction = page.order === 'newest' ? 'desc' : 'asc';
  const found = await conditionsOf(database, size, filter);
  if (found === null) return null;
  const { conditions, values } = found;
  if (page.after !== null) {
    values.push(page.after);
    conditions.push(`p.index ${page.order === 'newest' ? '<' : '>'} $${values.length}`);
  }
  values.push(page.limit);
  return {
    // Prepared under no name: which index serves best depends on the values, so each query is planned for its own.
    name: '',
    text: `with page as (
        select p.index from access_log_projection p where ${conditions.join(' and ')}
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
  };
}

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

/** Counts the newest `most` entries by a key and their outcome; null where the projection does not reach as far as `size`. */
export async function countProjection(
  database: Database,
  size: number,
  filter: LogFilter,
  by: CountedBy,
  most: number,
): Promise<{ readonly counts: readonly LogCount[]; readonly counted: number } | null> {
  const found = await conditionsOf(database, size, filter);
  if (found === null) return null;
  const { conditions, values } = found;
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
         where ${conditions.join(' and ')} order by p.index desc limit $${values.length}
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

async function conditionsOf(
  database: Database,
  size: number,
  filter: LogFilter,
): Promise<{ conditions: string[]; values: unknown[] } | null> {
  const values: unknown[] = [];
  const conditions = ['true'];
  const add = (value: unknown, condition: (n: number) => string): void => {
    if (value === undefined) return;
    values.push(value);
    conditions.push(condition(values.length));
  };
  const { property, transformation } = filter;
  const shown = [property, transformation].every((name) => name === undefined)
    ? undefined
    : [transformation === undefined ? property : `${property ?? ''}.${transformation}`];

  if (filter.from || filter.to) {
    const between = await positionsBetween(database, size, filter.from, filter.to);
    if (between === null) return null;
    add(between.first, (n) => `p.index >= $${n}`);
    add(between.last, (n) => `p.index <= $${n}`);
  }
  add(filter.from, (n) => `p.time >= $${n}`);
  add(filter.to, (n) => `p.time < $${n}`);
  add(filter.user, (n) => `p."user" = $${n}`);
  add(filter.role, (n) => `p.role = $${n}`);
  add(filter.keyId, (n) => `p.key_id = $${n}`);
  add(filter.subject, (n) => `p.subject = $${n}`);
  add(filter.tenant && [filter.tenant], (n) => `p.tenants @> $${n}::text[]`);
  add(filter.collection, (n) => `p.collection = $${n}`);
  add(filter.objectId && [filter.objectId], (n) => `p.objects @> $${n}::uuid[]`);
  add(filter.tokens, (n) => `p.tokens && $${n}::text[]`);
  add(shown, (n) => `p.properties @> $${n}::text[]`);
  add(filter.reason, (n) => `p.reason = $${n}`);
  add(filter.operation, (n) => `p.operation = $${n}`);
  add(filter.outcome, (n) => `p.outcome = $${n}`);
  add(filter.rule && [filter.rule], (n) => `p.rules @> $${n}::text[]`);
  add(filter.requestId, (n) => `(p.request_id = $${n} or p.caller_request_id = $${n})`);
  add(filter.remoteAddr, (n) => `p.remote_addr = $${n}`);
  add(filter.showing, (n) => `p.shown = $${n}`);
  add(
    filter.text,
    (n) => `p.index in (select t.index from access_log_text t
      where to_tsvector('simple', t.text) @@ plainto_tsquery('simple', $${n}))`,
  );
  return { conditions, values };
}

/**
 * Positions outside which no entry lies that is from `from` on and before `to`, as far as it is projected. Without them the entries of last year
 * could only be reached by walking past all of this year's.
 */
async function positionsBetween(
  database: Database,
  size: number,
  from: Date | undefined,
  to: Date | undefined,
): Promise<{ readonly first: number; readonly last: number } | null> {
  const rows = await database.run<{ projected: string; first: string | null; last: string | null }>({
    name: 'projection-hours-between',
    text: `select head.size as projected, hours.* from access_log_projection_head head, (
             select min(first_index) as first, max(last_index) as last from access_log_hour
              where ($1::timestamptz is null or hour >= $1) and ($2::timestamptz is null or hour < $2)) hours`,
    values: [from ? hourOf(from) : null, to ?? null],
  });
  if (!reaches(rows, size)) return null;
  const { first, last } = rows[0]!;
  return first === null || last === null
    ? { first: 0, last: -1 }
    : { first: Number(first), last: Number(last) };
}
