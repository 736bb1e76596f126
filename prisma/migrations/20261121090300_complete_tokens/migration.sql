-- AlterTable
ALTER TABLE "token" ADD COLUMN "modified_at" TIMESTAMPTZ(3),
ADD COLUMN "value_hash" BYTEA;

-- CreateTable
CREATE TABLE "transaction_record" (
    "collection_id" INTEGER NOT NULL,
    "operation" TEXT NOT NULL,
    "transaction" BYTEA NOT NULL,
    "keyset_id" UUID NOT NULL,
    "keyset_version" INTEGER NOT NULL,
    "ids" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "transaction_record_pkey" PRIMARY KEY ("collection_id","operation","transaction")
);

-- CreateIndex
CREATE INDEX "transaction_record_created_at_idx" ON "transaction_record"("created_at");

-- What Prisma's schema language cannot say --------------------------------------------------------------------------

-- Tokens that stand for equal values: only the types that are the same for them have this hash.
create index token_value on token (value_hash, collection_id, created_at, id) where value_hash is not null;

-- An id that is the same for equal values has one record for each owner, and one without.
create unique index token_one_per_owner on token (collection_id, hash, tenant, object_id) nulls not distinct where value_hash is not null;
