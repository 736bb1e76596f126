-- What auditors filter by. Every column is recomputed from the entries' bytes, so the projection is thrown away here and filled again by the
-- vault when it starts; until then queries wait. There are no defaults: a vault of the version before must fail to add rows, not add half of them.
truncate access_log_projection;
update access_log_projection_head set size = 0;

alter table access_log_projection
  add column caller_request_id text,
  add column role text not null,
  add column key_id text,
  add column subject text,
  add column tenants text[] not null,
  add column tokens text[] not null,
  add column properties text[] not null,
  add column rules text[] not null,
  add column reason text,
  add column remote_addr text,
  add column shown boolean not null;

-- A page is a range of positions, so each index ends in the position: a page of the entries of one client is one walk along it, however
-- many others there are. Columns that are mostly empty are indexed where they are not.
create index access_log_projection_role_index_idx on access_log_projection (role, index);
create index access_log_projection_reason_index_idx on access_log_projection (reason, index);
create index access_log_projection_request_id_idx on access_log_projection (request_id);
create index access_log_projection_caller_request on access_log_projection (caller_request_id) where caller_request_id is not null;
create index access_log_projection_key on access_log_projection (key_id, index) where key_id is not null;
create index access_log_projection_subject on access_log_projection (subject, index) where subject is not null;
create index access_log_projection_address on access_log_projection (remote_addr, index) where remote_addr is not null;

-- One index for all lists: it answers for each column alone and for several together. Its list of pending rows is read by every query, hence short.
drop index access_log_projection_objects_idx;
create index access_log_projection_lists_idx on access_log_projection using gin (objects, tokens, properties, tenants, rules)
  with (gin_pending_list_limit = 256);

-- Times are nearly, but not quite, in the order of positions. The first and the last position of each hour turn a time into positions exactly.
drop index access_log_projection_time_index_idx;
create table access_log_hour (
  hour timestamptz(3) not null,
  first_index bigint not null,
  last_index bigint not null,
  constraint access_log_hour_pkey primary key (hour)
);

-- Words are searched in the texts themselves: no second copy of them could outlive an erasure.
create index access_log_text_words on access_log_text using gin (to_tsvector('simple'::regconfig, text))
  with (gin_pending_list_limit = 64);
