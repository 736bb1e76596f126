-- Whom the vault knows from identity providers: by keyed hashes alone.

CREATE TABLE "idp_subject" (
    "hash" BYTEA NOT NULL,
    "lookup_version" INTEGER NOT NULL,
    "issuer_hash" BYTEA NOT NULL,
    "collection_id" INTEGER NOT NULL,
    "object_id" UUID NOT NULL,
    "provenance" JSONB NOT NULL,
    "linked_at" TIMESTAMPTZ(3) NOT NULL,
    "erased_at" TIMESTAMPTZ(3),
    "delete_at" TIMESTAMPTZ(3),

    CONSTRAINT "idp_subject_pkey" PRIMARY KEY ("hash")
);

ALTER TABLE "idp_subject" ADD CONSTRAINT "idp_subject_collection_id_fkey" FOREIGN KEY ("collection_id") REFERENCES "collection"("id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- One object has one person behind it, until two of them are merged on purpose.
create unique index idp_subject_object on idp_subject (collection_id, object_id);
-- What erasures are counted by, and what is still to be deleted of them.
create index idp_subject_erased on idp_subject (issuer_hash, erased_at) where erased_at is not null;
create index idp_subject_delete on idp_subject (delete_at) where delete_at is not null;
