-- Identities that are linked to another's object, and persons who are suspended.

-- 'told': somebody said that the identity is another's, 'shown': the provider showed it. The object is then the other's, and so is the provenance.
ALTER TABLE "idp_subject" ADD COLUMN "alias" TEXT;
-- No object was made of it yet: the row is there for what else it says.
ALTER TABLE "idp_subject" ADD COLUMN "fresh" BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE "idp_subject" ADD COLUMN "unlinked_at" TIMESTAMPTZ(3);
ALTER TABLE "idp_subject" ADD COLUMN "suspended_at" TIMESTAMPTZ(3);
-- When the provider said so, by its own clock: what it said before that and arrives later is passed over.
ALTER TABLE "idp_subject" ADD COLUMN "status_at" TIMESTAMPTZ(3);
ALTER TABLE "idp_subject" ADD CONSTRAINT "idp_subject_alias" CHECK ("alias" IN ('told', 'shown'));

-- One object has one person behind it, and any number of identities that were linked to that person.
drop index idp_subject_object;
create unique index idp_subject_object on idp_subject (collection_id, object_id) where alias is null;
create index idp_subject_aliases on idp_subject (collection_id, object_id) where alias is not null;

-- Objects whose values went into another's, archived until their grace is over.
CREATE TABLE "idp_merged_object" (
    "collection_id" INTEGER NOT NULL,
    "object_id" UUID NOT NULL,
    "issuer_hash" BYTEA NOT NULL,
    "merged_at" TIMESTAMPTZ(3) NOT NULL,
    "delete_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "idp_merged_object_pkey" PRIMARY KEY ("collection_id", "object_id")
);

ALTER TABLE "idp_merged_object" ADD CONSTRAINT "idp_merged_object_collection_id_fkey" FOREIGN KEY ("collection_id") REFERENCES "collection"("id") ON DELETE CASCADE ON UPDATE NO ACTION;

create index idp_merged_object_issuer on idp_merged_object (issuer_hash, merged_at);
create index idp_merged_object_delete on idp_merged_object (delete_at);
