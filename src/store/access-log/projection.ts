import { VaultError } from '../../errors.js';
import type { Database, Statement } from '../database.js';
import type { LogRow } from './read.js';

/** What one entry is searched by; every column is recomputed from the entry's bytes when the log is verified. */
export interface ProjectedEntry {
  readonly index: number;
  readonly time: Date;
  readonly requestId: string;
  readonly user: string;
  readonly operation: string;
  readonly collection: string | null;
  readonly objects: readonly string[];
  readonly outcome: string;
}

/** Filters of a query; all that are given must hold. Times are inclusive below and exclusive above. */
export interface LogFilter {
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  readonly user?: string | undefined;
  readonly collection?: string | undefined;
  readonly objectId?: string | undefined;
  readonly operation?: string | undefined;
  readonly outcome?: string | undefined;
}

/** How many entries are in the projection. Throws PV9010 where the row that says so is gone. */
export async function projectedSize(database: Database): Promise<number> {
  const rows = await database.run<{ size: string }>({
    name: 'projection-head',
    text: 'select size from access_log_projection_head where id = 1',
    values: [],
  });
  if (!rows[0]) throw new VaultError('PV9010', {}, "the head of the access log's projection is missing");
  return Number(rows[0].size);
}

/** Adds the next entries to the projection, or nothing where another instance did already. */
export async function addToProjection(
  database: Database,
  from: number,
  entries: readonly ProjectedEntry[],
): Promise<boolean> {
  const moved = await database.run({
    name: 'projection-add',
    text: `with head as (
        update access_log_projection_head set size = size + $2 where id = 1 and size = $1 returning size
      ), added as (
        insert into access_log_projection (index, time, request_id, "user", operation, collection, objects, outcome)
        select e.index, e.time, e.request_id, e."user", e.operation, e.collection, e.objects::uuid[], e.outcome
          from unnest($3::bigint[], $4::timestamptz[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[])
            as e (index, time, request_id, "user", operation, collection, objects, outcome)
         where exists (select from head)
      ) select size from head`,
    values: [
      from,
      entries.length,
      entries.map((entry) => entry.index),
      entries.map((entry) => entry.time),
      entries.map((entry) => entry.requestId),
      entries.map((entry) => entry.user),
      entries.map((entry) => entry.operation),
      entries.map((entry) => entry.collection),
      // unnest would flatten a list of lists; an array literal per entry stays one element.
      entries.map((entry) => `{${entry.objects.join(',')}}`),
      entries.map((entry) => entry.outcome),
    ],
  });
  return moved.length === 1;
}

/** A page of entries, newest first, below `before` (exclusive). */
export async function searchProjection(
  database: Database,
  filter: LogFilter,
  before: number,
  limit: number,
): Promise<LogRow[]> {
  const rows = await database.run<{
    index: string;
    bytes: Buffer;
    leaf: Buffer;
    adhoc: string | null;
    custom: string | null;
  }>(searchStatement(filter, before, limit));
  return rows.map((row) => ({
    index: Number(row.index),
    bytes: row.bytes,
    leaf: row.leaf,
    adhocReason: row.adhoc,
    customAudit: row.custom,
  }));
}

/** Each combination of filters is its own prepared statement, so each gets a plan that fits. */
function searchStatement(filter: LogFilter, before: number, limit: number): Statement {
  const values: unknown[] = [before, limit];
  const conditions = ['p.index < $1'];
  const add = (name: keyof LogFilter, condition: (n: number) => string): void => {
    if (filter[name] === undefined) return;
    values.push(name === 'objectId' ? [filter[name]] : filter[name]);
    conditions.push(condition(values.length));
  };
  add('from', (n) => `p.time >= $${n}`);
  add('to', (n) => `p.time < $${n}`);
  add('user', (n) => `p."user" = $${n}`);
  add('collection', (n) => `p.collection = $${n}`);
  add('objectId', (n) => `p.objects @> $${n}::uuid[]`);
  add('operation', (n) => `p.operation = $${n}`);
  add('outcome', (n) => `p.outcome = $${n}`);

  const given = Object.keys(filter).filter((name) => filter[name as keyof LogFilter] !== undefined);
  return {
    name: `projection-search-${given.join('-')}`,
    text: `with page as (
        select p.index from access_log_projection p where ${conditions.join(' and ')} order by p.index desc limit $2
      )
      select l.index, l.bytes, l.leaf, adhoc.text as adhoc, custom.text as custom
        from page join access_log l using (index)
        left join access_log_text adhoc on adhoc.index = l.index and adhoc.kind = 'adhoc_reason'
        left join access_log_text custom on custom.index = l.index and custom.kind = 'custom_audit'
       order by l.index desc`,
    values,
  };
}

/** Up to `limit` projected entries from `from` on, in order, for verification. */
export async function readProjection(
  database: Database,
  from: number,
  limit: number,
): Promise<ProjectedEntry[]> {
  const rows = await database.run<Omit<ProjectedEntry, 'index'> & { index: string }>({
    name: 'projection-read',
    text: `select index, time, request_id as "requestId", "user", operation, collection, objects, outcome
             from access_log_projection where index >= $1 order by index limit $2`,
    values: [from, limit],
  });
  return rows.map((row) => ({ ...row, index: Number(row.index) }));
}
