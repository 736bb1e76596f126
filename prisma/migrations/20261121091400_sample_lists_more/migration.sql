-- What few entries have must be known to be seldom, or a page of it is looked for among all entries: the usual sample misses it.
alter table access_log_projection
  alter column objects set statistics 1000,
  alter column tokens set statistics 1000,
  alter column properties set statistics 1000,
  alter column tenants set statistics 1000,
  alter column rules set statistics 1000;
