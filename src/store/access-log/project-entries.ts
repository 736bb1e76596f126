import type { Database } from '../database.js';

/**
 * Adds the next entries of the log, `count` from `from` on, to the projection where they lie: none of them comes to the vault, and its one thread is
 * free for requests. Says whether it did; it does nothing where another instance was first or an entry is missing. Throws PV1000 where
 * the bytes of one are no entry.
 */
export async function projectEntries(database: Database, from: number, count: number): Promise<boolean> {
  const moved = await database.run({ name: 'projection-entries', text: PROJECT, values: [from, count] });
  return moved.length === 1;
}

/** The members of an entry that the projection is made of, and the type in which each is read. */
const SAID = `v int, time timestamptz, request_id text, caller_request_id text, "user" text, role text, key_id text, subject text,
  tenants text[], operation text, collection text, objects uuid[], tokens text[], asked text, revealed text, reason text, outcome text,
  rule text, remote_addr text`;

/** What was asked for and shown, worked out once for all entries of a batch that say the same: they are few. */
const TERMS = `select asked, revealed, array(
    select term
      from (select 0 as list, nth, pair from json_array_elements(asked::json) with ordinality as p (pair, nth)
            union all
            select 1, nth, pair from json_array_elements(revealed::json) with ordinality as p (pair, nth)) as pairs,
           unnest(case when pair ->> 1 is null then array[pair ->> 0]
                       else array[pair ->> 0, (pair ->> 0) || '.' || (pair ->> 1), '.' || (pair ->> 1)] end) with ordinality as t (term, k)
     group by term order by min((list * 1000000 + nth) * 4 + k)) as properties
  from (select distinct coalesce(asked, '[]') as asked, coalesce(revealed, '[]') as revealed from entry) as each`;

/**
 * The same columns as `projectEntry` makes, which the log is verified with. An entry of another version has no request id here, which the table
 * refuses, like bytes that are no JSON.
 */
const PROJECT = `with head as (
    update access_log_projection_head set size = size + $2::bigint
     where id = 1 and size = $1::bigint
       and (select count(*) from access_log where index >= $1 and index < $1 + $2 and bytes is not null) = $2
    returning size
  ), entry as materialized (
    select l.index, e.* from access_log l, json_to_record(convert_from(l.bytes, 'UTF8')::json) as e (${SAID})
     where l.index >= $1 and l.index < $1 + $2 and exists (select from head)
  ), terms as materialized (${TERMS}), added as (
    insert into access_log_projection (index, time, request_id, caller_request_id, "user", role, key_id, subject, tenants, operation,
      collection, objects, tokens, properties, reason, outcome, rules, remote_addr, shown)
    select e.index, e.time, case when e.v = 1 then e.request_id end, e.caller_request_id, e."user", e.role, e.key_id, e.subject,
           coalesce(e.tenants, '{}'), e.operation, e.collection, coalesce(e.objects, '{}'), coalesce(e.tokens, '{}'), t.properties,
           e.reason, e.outcome,
           case when e.rule is null then '{}' when e.rule = '' then array[''] else string_to_array(e.rule, ' ') end,
           e.remote_addr, e.outcome in ('allowed', 'masked') and t.revealed <> '[]'
      from entry e join terms t on t.asked = coalesce(e.asked, '[]') and t.revealed = coalesce(e.revealed, '[]')
  ), hours as (
    insert into access_log_hour as h (hour, first_index, last_index)
    select date_trunc('hour', time, 'UTC'), min(index), max(index) from entry group by 1
        on conflict (hour) do update
       set first_index = least(h.first_index, excluded.first_index), last_index = greatest(h.last_index, excluded.last_index)
  ) select size from head`;
