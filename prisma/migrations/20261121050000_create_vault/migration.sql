-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "keystore";

-- CreateSchema

-- CreateTable
CREATE TABLE "vault" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "vault_id" TEXT NOT NULL,
    "mode" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "vault_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "change_generation" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "generation" BIGINT NOT NULL,

    CONSTRAINT "change_generation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "collection" (
    "id" SERIAL NOT NULL,
    "name" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL,
    "modified_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "collection_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "property" (
    "id" SERIAL NOT NULL,
    "collection_id" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "data_type_name" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "is_encrypted" BOOLEAN NOT NULL,
    "is_index" BOOLEAN NOT NULL,
    "index_built" BOOLEAN NOT NULL,
    "is_substring_index" BOOLEAN NOT NULL,
    "is_nullable" BOOLEAN NOT NULL,
    "is_unique" BOOLEAN NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL,
    "modified_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "property_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "object" (
    "seq" BIGSERIAL NOT NULL,
    "collection_id" INTEGER NOT NULL,
    "id" UUID NOT NULL,
    "tenant" TEXT NOT NULL,
    "revision" INTEGER NOT NULL,
    "sealed" BYTEA NOT NULL,
    "expires_at" TIMESTAMPTZ(3),
    "owner_collection_id" INTEGER,
    "owner_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "modified_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "object_pkey" PRIMARY KEY ("collection_id","id")
);

-- CreateTable
CREATE TABLE "blind_index" (
    "collection_id" INTEGER NOT NULL,
    "property_id" INTEGER NOT NULL,
    "lookup_version" INTEGER NOT NULL,
    "value" BYTEA NOT NULL,
    "object_id" UUID NOT NULL,
    "holds_unique" BOOLEAN NOT NULL,

    CONSTRAINT "blind_index_pkey" PRIMARY KEY ("property_id","value","object_id","lookup_version")
);

-- CreateTable
CREATE TABLE "token" (
    "id" UUID NOT NULL,
    "collection_id" INTEGER NOT NULL,
    "hash" BYTEA NOT NULL,
    "lookup_version" INTEGER NOT NULL,
    "type" TEXT NOT NULL,
    "scope" TEXT NOT NULL,
    "object_id" UUID,
    "tenant" TEXT NOT NULL,
    "revision" INTEGER NOT NULL,
    "sealed" BYTEA,
    "meta" BYTEA NOT NULL,
    "tags" BYTEA[],
    "expires_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "token_pkey" PRIMARY KEY ("collection_id","hash","id")
);

-- CreateTable
CREATE TABLE "idempotency_record" (
    "key" BYTEA NOT NULL,
    "request" BYTEA NOT NULL,
    "keyset_id" UUID NOT NULL,
    "keyset_version" INTEGER NOT NULL,
    "answer" BYTEA NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "idempotency_record_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "iam_version" (
    "version" INTEGER NOT NULL,
    "toml" TEXT NOT NULL,
    "set_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "iam_version_pkey" PRIMARY KEY ("version")
);

-- CreateTable
CREATE TABLE "api_key" (
    "user_name" TEXT NOT NULL,
    "public_id" TEXT,
    "hash" BYTEA NOT NULL,
    "lookup_version" INTEGER NOT NULL,
    "expires_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "api_key_pkey" PRIMARY KEY ("user_name")
);

-- CreateTable
CREATE TABLE "access_log" (
    "index" BIGINT NOT NULL,
    "bytes" BYTEA NOT NULL,
    "leaf" BYTEA NOT NULL,

    CONSTRAINT "access_log_pkey" PRIMARY KEY ("index")
);

-- CreateTable
CREATE TABLE "access_log_head" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "size" BIGINT NOT NULL,
    "frontier" BYTEA NOT NULL,

    CONSTRAINT "access_log_head_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "access_log_text" (
    "index" BIGINT NOT NULL,
    "kind" TEXT NOT NULL,
    "salt" BYTEA NOT NULL,
    "text" TEXT NOT NULL,

    CONSTRAINT "access_log_text_pkey" PRIMARY KEY ("index","kind")
);

-- CreateTable
CREATE TABLE "access_log_projection" (
    "index" BIGINT NOT NULL,
    "time" TIMESTAMPTZ(3) NOT NULL,
    "request_id" TEXT NOT NULL,
    "user" TEXT NOT NULL,
    "operation" TEXT NOT NULL,
    "collection" TEXT,
    "objects" UUID[],
    "outcome" TEXT NOT NULL,

    CONSTRAINT "access_log_projection_pkey" PRIMARY KEY ("index")
);

-- CreateTable
CREATE TABLE "access_log_projection_head" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "size" BIGINT NOT NULL,

    CONSTRAINT "access_log_projection_head_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "keystore"."epoch" (
    "epoch" INTEGER NOT NULL,
    "check" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "epoch_pkey" PRIMARY KEY ("epoch")
);

-- CreateTable
CREATE TABLE "keystore"."keyset_version" (
    "keyset_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "collection_id" INTEGER NOT NULL,
    "tenant" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "epoch" INTEGER NOT NULL,
    "wrapped" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "keyset_version_pkey" PRIMARY KEY ("keyset_id","version")
);

-- CreateTable
CREATE TABLE "keystore"."lookup_version" (
    "version" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    "epoch" INTEGER NOT NULL,
    "wrapped" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "lookup_version_pkey" PRIMARY KEY ("version")
);

-- CreateTable
CREATE TABLE "keystore"."object_key" (
    "collection_id" INTEGER NOT NULL,
    "record_id" UUID NOT NULL,
    "key_id" UUID NOT NULL,
    "keyset_id" UUID NOT NULL,
    "keyset_version" INTEGER NOT NULL,
    "wrapped" BYTEA NOT NULL,

    CONSTRAINT "object_key_pkey" PRIMARY KEY ("collection_id","record_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "object_collection_id_seq_key" ON "object"("collection_id", "seq");

-- CreateIndex
CREATE INDEX "blind_index_collection_id_object_id_idx" ON "blind_index"("collection_id", "object_id");

-- CreateIndex
CREATE INDEX "idempotency_record_expires_at_idx" ON "idempotency_record"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "api_key_public_id_key" ON "api_key"("public_id");

-- CreateIndex
CREATE INDEX "access_log_projection_user_index_idx" ON "access_log_projection"("user", "index");

-- CreateIndex
CREATE INDEX "access_log_projection_operation_index_idx" ON "access_log_projection"("operation", "index");

-- CreateIndex
CREATE INDEX "access_log_projection_collection_index_idx" ON "access_log_projection"("collection", "index");

-- CreateIndex
CREATE INDEX "access_log_projection_outcome_index_idx" ON "access_log_projection"("outcome", "index");

-- CreateIndex
CREATE INDEX "access_log_projection_time_index_idx" ON "access_log_projection"("time", "index");

-- CreateIndex
CREATE INDEX "access_log_projection_objects_idx" ON "access_log_projection" USING GIN ("objects");

-- AddForeignKey
ALTER TABLE "property" ADD CONSTRAINT "property_collection_id_fkey" FOREIGN KEY ("collection_id") REFERENCES "collection"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What Prisma's schema language cannot say --------------------------------------------------------------------------

-- Names may not differ only by case.
create unique index collection_name_key on collection (lower(name));
create unique index property_name_key on property (collection_id, lower(name));

-- One active object holds a unique value, an archived one has let go of it.
create unique index blind_index_unique_value on blind_index (property_id, lookup_version, value) where holds_unique;

-- Most tokens have no tags, and many have no owner: the indexes hold only those that do.
create index token_tags on token using gin (tags) where tags <> '{}';
create index token_object on token (collection_id, object_id) where object_id is not null;

-- Exactly one active version of each.
create unique index keyset_active on keystore.keyset_version (collection_id, tenant) where state = 'active';
create unique index lookup_active on keystore.lookup_version (state) where state = 'active';

alter table vault add constraint vault_one_row check (id = 1), add constraint vault_mode check (mode in ('development', 'production'));
alter table change_generation add constraint change_generation_one_row check (id = 1);
alter table access_log_head add constraint access_log_head_one_row check (id = 1);
alter table access_log_projection_head add constraint access_log_projection_head_one_row check (id = 1);
alter table keystore.keyset_version add constraint keyset_state check (state in ('pending', 'active', 'decrypt_only', 'destroyed'));
alter table keystore.lookup_version add constraint lookup_state check (state in ('pending', 'active', 'decrypt_only', 'destroyed'));

-- Ciphertext does not compress: trying would only cost time.
alter table object alter column sealed set storage external;
alter table token alter column sealed set storage external, alter column meta set storage external;

-- One hot row: room for its next versions on the same page.
alter table access_log_head set (fillfactor = 10);

insert into change_generation (id, generation) values (1, 1);
insert into access_log_head (id, size, frontier) values (1, 0, '');
insert into access_log_projection_head (id, size) values (1, 0);

-- The log and the policies that decided are only ever added to. A superuser can lift this, but the tree then tells.
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end $$;
create trigger access_log_append_only before update or delete or truncate on access_log
  for each statement execute function refuse_change();
create trigger iam_version_append_only before update or delete or truncate on iam_version
  for each statement execute function refuse_change();
