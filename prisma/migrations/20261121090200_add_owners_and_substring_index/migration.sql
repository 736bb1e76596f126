-- CreateTable
CREATE TABLE "substring_index" (
    "collection_id" INTEGER NOT NULL,
    "object_id" UUID NOT NULL,
    "property_id" INTEGER NOT NULL,
    "lookup_version" INTEGER NOT NULL,
    "filter" BYTEA,

    CONSTRAINT "substring_index_pkey" PRIMARY KEY ("collection_id","object_id","property_id")
);

-- CreateIndex
CREATE INDEX "object_owner_collection_id_owner_id_idx" ON "object"("owner_collection_id", "owner_id") WHERE "owner_id" IS NOT NULL;

-- An object that was being added while its collection was deleted would be left with a key nobody can open. What the previous release
-- left behind of that kind goes first.
delete from keystore.object_key k where not exists (select from collection c where c.id = k.collection_id);
delete from blind_index b where not exists (select from collection c where c.id = b.collection_id);
delete from token t where not exists (select from collection c where c.id = t.collection_id);
delete from object o where not exists (select from collection c where c.id = o.collection_id);

-- AddForeignKey
ALTER TABLE "object" ADD CONSTRAINT "object_collection_id_fkey" FOREIGN KEY ("collection_id") REFERENCES "collection"("id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "object" ADD CONSTRAINT "object_owner_collection_id_owner_id_fkey" FOREIGN KEY ("owner_collection_id", "owner_id") REFERENCES "object"("collection_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "token" ADD CONSTRAINT "token_collection_id_fkey" FOREIGN KEY ("collection_id") REFERENCES "collection"("id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- What Prisma's schema language cannot say --------------------------------------------------------------------------

alter table object add constraint object_owner_whole check ((owner_collection_id is null) = (owner_id is null));

-- Looks random and does not compress: trying would only cost time.
alter table substring_index alter column filter set storage external;
