import type { Database } from '../database.js';
import { hourOf, reaches } from './projection.js';

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

/** Positions of the log, both included. */
export interface PositionRange {
  readonly first: number;
  readonly last: number;
}

/** A filter as SQL about a row `p` of the projection, and between which positions all entries are that meet it. */
export interface FilterConditions {
  readonly conditions: readonly string[];
  /** The same for a place of few rows: without the index of all lists, which is read along the whole log. */
  readonly conditionsOfFew: readonly string[];
  readonly values: readonly unknown[];
  readonly between: PositionRange;
}

/** The member of `properties` by which a filter's property and transformation are found. */
export function propertyTerm({ property, transformation }: LogFilter): string | undefined {
  return transformation === undefined ? property : `${property ?? ''}.${transformation}`;
}

/** The conditions of a filter; null where the projection does not reach as far as `size`. */
export async function conditionsOf(
  database: Database,
  size: number,
  filter: LogFilter,
): Promise<FilterConditions | null> {
  const between = await positionsBetween(database, size, filter.from, filter.to);
  if (between === null) return null;
  const values: unknown[] = [];
  const [conditions, conditionsOfFew] = [['true'], ['true']];
  const add = (value: unknown, condition: (n: number) => string, ofFew = condition): void => {
    if (value === undefined) return;
    values.push(value);
    conditions.push(condition(values.length));
    conditionsOfFew.push(ofFew(values.length));
  };
  const addMember = (value: string | undefined, list: string): void =>
    add(
      value === undefined ? undefined : [value],
      (n) => `p.${list} @> $${n}::text[]`,
      (n) => `($${n}::text[])[1] = any(p.${list})`,
    );

  add(filter.from, (n) => `p.time >= $${n}`);
  add(filter.to, (n) => `p.time < $${n}`);
  add(filter.user, (n) => `p."user" = $${n}`);
  add(filter.role, (n) => `p.role = $${n}`);
  add(filter.keyId, (n) => `p.key_id = $${n}`);
  add(filter.subject, (n) => `p.subject = $${n}`);
  addMember(filter.tenant, 'tenants');
  add(filter.collection, (n) => `p.collection = $${n}`);
  add(filter.objectId && [filter.objectId], (n) => `p.objects @> $${n}::uuid[]`);
  add(filter.tokens, (n) => `p.tokens && $${n}::text[]`);
  addMember(propertyTerm(filter), 'properties');
  add(filter.reason, (n) => `p.reason = $${n}`);
  add(filter.operation, (n) => `p.operation = $${n}`);
  add(filter.outcome, (n) => `p.outcome = $${n}`);
  addMember(filter.rule, 'rules');
  add(filter.requestId, (n) => `(p.request_id = $${n} or p.caller_request_id = $${n})`);
  add(filter.remoteAddr, (n) => `p.remote_addr = $${n}`);
  add(filter.showing, (n) => `p.shown = $${n}`);
  add(
    filter.text,
    (n) => `p.index in (select t.index from access_log_text t
      where to_tsvector('simple', t.text) @@ plainto_tsquery('simple', $${n}))`,
  );
  return { conditions, conditionsOfFew, values, between };
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
): Promise<PositionRange | null> {
  if (!from && !to) return { first: 0, last: Infinity };
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
