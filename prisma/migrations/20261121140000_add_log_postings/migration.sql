-- Where the entries of each segment of the log are that have a term in common: a page by several terms intersects those positions and reads the few rows
-- at which all of them meet. Made from the projection once a segment of it is complete, and thrown away with it.
create table access_log_posting (
  segment int not null,
  term bytea not null,
  positions bytea not null,
  constraint access_log_posting_pkey primary key (segment, term)
);

-- At most two kilobytes that are read together: in the row, as they are.
alter table access_log_posting alter column term set storage plain, alter column positions set storage plain;

-- The segments that have postings, from `first` up to, not including, `next`. Pruned entries have none.
create table access_log_posting_head (
  id int not null default 1,
  segment_size int not null,
  first int not null,
  next int not null,
  constraint access_log_posting_head_pkey primary key (id),
  constraint access_log_posting_head_one_row check (id = 1),
  constraint access_log_posting_head_segment_size check (segment_size between 1 and 16384),
  constraint access_log_posting_head_range check (first >= 0 and next >= first)
);
insert into access_log_posting_head (id, segment_size, first, next)
select 1, 16384, cut, cut from (select ((coalesce(max(up_to), 0) + 16383) / 16384)::int as cut from access_log_pruning) as pruned;
