-- Subtree roots, so that a proof reads some hundred hashes however long the log is; signed checkpoints and what witnesses said to them;
-- the key that signs.

CREATE TABLE "access_log_node" (
    "level" SMALLINT NOT NULL,
    "position" BIGINT NOT NULL,
    "hash" BYTEA NOT NULL,

    CONSTRAINT "access_log_node_pkey" PRIMARY KEY ("level","position")
);

CREATE TABLE "access_log_checkpoint" (
    "size" BIGINT NOT NULL,
    "root" BYTEA NOT NULL,
    "note" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "access_log_checkpoint_pkey" PRIMARY KEY ("size")
);

CREATE TABLE "access_log_cosignature" (
    "size" BIGINT NOT NULL,
    "witness" TEXT NOT NULL,
    "line" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "access_log_cosignature_pkey" PRIMARY KEY ("size","witness")
);

CREATE TABLE "keystore"."log_key" (
    "version" INTEGER NOT NULL,
    "origin" TEXT NOT NULL,
    "public_key" BYTEA NOT NULL,
    "epoch" INTEGER NOT NULL,
    "wrapped" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "retired_at" TIMESTAMPTZ(3),

    CONSTRAINT "log_key_pkey" PRIMARY KEY ("version")
);

ALTER TABLE "access_log_cosignature" ADD CONSTRAINT "access_log_cosignature_size_fkey" FOREIGN KEY ("size") REFERENCES "access_log_checkpoint"("size") ON DELETE CASCADE ON UPDATE CASCADE;

-- One key signs at a time.
create unique index log_key_active on keystore.log_key ((true)) where retired_at is null;
