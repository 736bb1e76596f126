-- What authenticates the IAM configurations and the API keys (docs/FORMAT.md section 11). The versions there are get their MAC at the first
-- start after this migration, once; the trigger lets that through and nothing else.
alter table "iam_version" add column "lookup_version" INTEGER, add column "mac" BYTEA;

-- CreateTable
CREATE TABLE "iam_seal" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "serial" INTEGER NOT NULL,
    "lookup_version" INTEGER NOT NULL,
    "mac" BYTEA NOT NULL,

    CONSTRAINT "iam_seal_pkey" PRIMARY KEY ("id")
);
alter table iam_seal add constraint iam_seal_one_row check (id = 1);

drop trigger iam_version_append_only on iam_version;
create trigger iam_version_append_only before delete or truncate on iam_version
  for each statement execute function refuse_change();
create trigger iam_version_unchanged before update on iam_version
  for each row when (
    old.mac is not null
    or row(old.version, old.toml, old.set_by, old.created_at) is distinct from row(new.version, new.toml, new.set_by, new.created_at)
  ) execute function refuse_change();
