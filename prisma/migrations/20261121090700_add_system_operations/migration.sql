-- AlterTable
ALTER TABLE "change_generation" ADD COLUMN "modified_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP;

-- CreateTable
CREATE TABLE "configuration_variable" (
    "name" TEXT NOT NULL,
    "value" TEXT NOT NULL,

    CONSTRAINT "configuration_variable_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "license" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "key" TEXT NOT NULL,

    CONSTRAINT "license_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "instance" (
    "worker_id" SERIAL NOT NULL,
    "generation" BIGINT NOT NULL,
    "checked_at" TIMESTAMPTZ(6) NOT NULL,
    "refresh_interval_seconds" INTEGER NOT NULL,
    "priority" INTEGER NOT NULL,

    CONSTRAINT "instance_pkey" PRIMARY KEY ("worker_id")
);

-- CreateTable
CREATE TABLE "job_run" (
    "job" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "job_run_pkey" PRIMARY KEY ("job")
);

-- CreateTable
CREATE TABLE "keystore"."rewrap" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "after_collection" INTEGER NOT NULL,
    "after_record" UUID NOT NULL,
    "due_at" TIMESTAMPTZ(6),

    CONSTRAINT "rewrap_pkey" PRIMARY KEY ("id")
);

-- What Prisma's schema language cannot say --------------------------------------------------------------------------

alter table license add constraint license_one_row check (id = 1);
alter table keystore.rewrap add constraint rewrap_one_row check (id = 1);

-- What expires is looked for by garbage collection, and most things never expire.
create index object_expires on object (collection_id, expires_at) where expires_at is not null;
create index token_expires on token (collection_id, expires_at) where expires_at is not null;

-- A key row names the token record it belongs to, and only tokens without an owner have one.
create index token_without_object on token (collection_id, id) where object_id is null;

insert into keystore.rewrap (id, after_collection, after_record, due_at)
values (1, 0, '00000000-0000-0000-0000-000000000000', null);
