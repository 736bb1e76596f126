-- Entries past their retention give up their bytes and nothing else: position and leaf hash stay, so every proof goes on working.

ALTER TABLE "access_log" ALTER COLUMN "bytes" DROP NOT NULL;

CREATE TABLE "access_log_pruning" (
    "up_to" BIGINT NOT NULL,
    "entry" BIGINT NOT NULL,
    "pruned_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "access_log_pruning_pkey" PRIMARY KEY ("up_to")
);

-- What Prisma's schema language cannot say --------------------------------------------------------------------------

-- A pruning needs a checkpoint of exactly that size and an entry of the log that announces it.
create function require_announced_pruning() returns trigger language plpgsql as $$
declare
  said jsonb;
begin
  select convert_from(bytes, 'UTF8')::jsonb into said from access_log where index = new.entry and new.entry >= new.up_to;
  if said ->> 'operation' is distinct from 'pruneAuditLog' or said ->> 'outcome' is distinct from 'allowed'
     or said -> 'range' ->> 1 is distinct from new.up_to::text
     or not exists (select from access_log_checkpoint where size = new.up_to) then
    raise exception 'no entry of the log announces this pruning, or no checkpoint covers it' using errcode = 'insufficient_privilege';
  end if;
  return new;
end $$;
create trigger access_log_pruning_announced before insert on access_log_pruning
  for each row execute function require_announced_pruning();
create trigger access_log_pruning_append_only before update or delete or truncate on access_log_pruning
  for each statement execute function refuse_change();

-- The log itself: rows stay, and of what is in them only the bytes of a pruned entry may go.
create function allow_only_pruning() returns trigger language plpgsql as $$
begin
  if new.index = old.index and new.leaf = old.leaf and old.bytes is not null and new.bytes is null
     and old.index < (select max(up_to) from access_log_pruning) then
    return new;
  end if;
  raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end $$;
create function require_some_pruning() returns trigger language plpgsql as $$
begin
  if not exists (select from access_log_pruning) then
    raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
  end if;
  return null;
end $$;
drop trigger access_log_append_only on access_log;
create trigger access_log_append_only before delete or truncate on access_log
  for each statement execute function refuse_change();
create trigger access_log_only_pruned before update on access_log
  for each row execute function allow_only_pruning();
create trigger access_log_some_pruning before update on access_log
  for each statement execute function require_some_pruning();
